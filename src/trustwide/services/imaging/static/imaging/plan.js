// Measures that exclude each other: switching one on switches the other off, before the form is sent.
(() => {
  document.addEventListener(
    "change",
    (event) => {
      const box = event.target;
      if (!(box instanceof HTMLInputElement) || box.name !== "lever" || !box.checked) return;
      for (const id of (box.dataset.excludes || "").split(" ").filter(Boolean)) {
        const other = document.getElementById(`on-${id}`);
        if (other) other.checked = false;
      }
    },
    true,
  );
  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
})();
