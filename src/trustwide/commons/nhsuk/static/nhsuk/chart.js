// Draws every <div data-vega-spec="id"> from the JSON script of that id. The large library is fetched only when needed.
(() => {
  const librarySource = document.currentScript.dataset.vegaSrc;
  let library;

  function fetchLibrary() {
    library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = librarySource;
      script.onload = () => resolve(window.vegaEmbed);
      script.onerror = reject;
      document.head.append(script);
    });
    return library;
  }

  async function draw(holder) {
    const spec = JSON.parse(document.getElementById(holder.dataset.vegaSpec).textContent);
    holder.removeAttribute("data-vega-spec");
    const vegaEmbed = await fetchLibrary();
    // an interpreter in place of eval, and no style elements: the content security policy allows neither
    await vegaEmbed(holder, spec, {
      ast: true,
      actions: false,
      defaultStyle: false,
      renderer: "svg",
      tooltip: { disableDefaultStyle: true },
    });
    holder.dataset.drawn = "yes";
  }

  function drawWithin(root) {
    root.querySelectorAll("[data-vega-spec]").forEach((holder) => {
      draw(holder).catch((error) => {
        holder.dataset.drawn = "no";
        console.error("The chart could not be drawn", error);
      });
    });
  }

  drawWithin(document);
  document.body.addEventListener("htmx:afterSettle", (event) => drawWithin(event.detail.elt));
})();
