// Draws every <div data-vega-spec="id"> from the JSON script of that id. The large library is fetched only when needed.
(() => {
  const librarySource = document.currentScript.dataset.vegaSrc;
  const pen = document.createElement("canvas").getContext("2d");
  const drawings = new Map(); // each holder with its specification, the view and width it was last drawn in, and that drawing's end
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

  function widthOf(words, font) {
    pen.font = font;
    return pen.measureText(words).width;
  }

  function inLines(text, font, room) {
    const lines = [];
    for (const word of text.split(" ")) {
      const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
      if (lines.length && widthOf(longer, font) <= room) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  }

  function inColumns(widths, columns) {
    const widest = Array(columns).fill(0);
    widths.forEach((each, place) => (widest[place % columns] = Math.max(widest[place % columns], each)));
    return widest.reduce((all, each) => all + each);
  }

  function* partsOf(spec) {
    if (spec === null || typeof spec !== "object") return;
    yield spec;
    for (const each of Object.values(spec)) yield* partsOf(each);
  }

  // The library gives a long title, legend or note no second line, and what is too wide is cut off or squeezes the rest.
  function fit(spec, width) {
    if (spec.width === "container") spec.width = width;
    const family = spec.config?.font ?? "sans-serif";
    if (typeof spec.title?.text === "string") {
      spec.title.text = inLines(spec.title.text, `bold ${spec.title.fontSize ?? 13}px ${family}`, width - 16);
    }
    for (const part of partsOf(spec)) {
      if (part.legend && Array.isArray(part.scale?.domain)) {
        const font = `${part.legend.labelFontSize ?? spec.config?.legend?.labelFontSize ?? 10}px ${family}`;
        const widths = part.scale.domain.map((name) => widthOf(name, font) + 30); // a symbol and two gaps beside it
        let columns = widths.length;
        while (columns > 1 && inColumns(widths, columns) > width - 64) columns--; // the axis stands before them
        if (columns < widths.length) part.legend.columns = columns;
      }
      if (part.type === "text" && part.limit) part.limit = Math.min(part.limit, width / 2);
    }
    return spec;
  }

  async function draw(holder) {
    const vegaEmbed = await fetchLibrary();
    const drawing = drawings.get(holder);
    if (!drawing) return; // it left the page while the library came
    drawing.width = holder.clientWidth;
    drawing.view?.finalize();
    // an interpreter in place of eval, and no style elements: the content security policy allows neither
    const { view } = await vegaEmbed(holder, fit(JSON.parse(drawing.text), drawing.width), {
      ast: true,
      actions: false,
      defaultStyle: false,
      renderer: "svg",
      tooltip: { disableDefaultStyle: true },
    });
    // the names of lines move as room is made for them, and then need a little more, until nothing moves
    for (let time = 0, before; time < 12 && before !== view.width(); time++) {
      before = view.width();
      await view.resize().runAsync();
    }
    drawing.view = view;
    holder.dataset.drawn = "yes";
  }

  function drawOrTell(holder) {
    const drawing = drawings.get(holder);
    drawing.done = Promise.resolve(drawing.done).then(() => draw(holder)).catch((error) => {
      holder.dataset.drawn = "no";
      console.error("The chart could not be drawn", error);
    });
  }

  function drawWithin(root) {
    root.querySelectorAll("[data-vega-spec]").forEach((holder) => {
      drawings.set(holder, { text: document.getElementById(holder.dataset.vegaSpec)?.textContent });
      holder.removeAttribute("data-vega-spec");
      drawOrTell(holder);
    });
  }

  let resizing;
  window.addEventListener("resize", () => {
    clearTimeout(resizing);
    resizing = setTimeout(() => {
      drawings.forEach((drawing, holder) => {
        if (!holder.isConnected) drawings.delete(holder);
        else if (drawing.width !== holder.clientWidth) drawOrTell(holder);
      });
    }, 200);
  });

  drawWithin(document);
  document.body.addEventListener("htmx:afterSettle", (event) => drawWithin(event.detail.elt));
})();
