// The week calendar: sessions lie where their hours are and can be dragged, by pointer or by keys. The server says
// whether a move is allowed; without this script each session can still be chosen and changed in the form below.
(() => {
  const STEP = 30; // minutes a drag or a key moves
  const DAY = 1440;
  const EDGE = 9; // pixels at each end that make a session longer or shorter
  const WAIT = 450; // milliseconds after the last key before the server is asked
  const WIDE = window.matchMedia("(min-width: 1000px)");

  const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const snap = (minutes) => Math.round(minutes / STEP) * STEP;
  const within = (value, low, high) => Math.min(Math.max(value, low), high);
  const hoursOf = (session) => ({ opens: Number(session.dataset.opens), closes: Number(session.dataset.closes) });

  function place(session) {
    const form = session.closest("form");
    const first = Number(form.dataset.first);
    const whole = Number(form.dataset.last) - first;
    const opens = Math.max(Number(session.dataset.opens), first);
    const closes = Math.min(Number(session.dataset.closes), first + whole);
    session.style.left = `${(100 * (opens - first)) / whole}%`;
    session.style.width = `${(100 * (closes - opens)) / whole}%`;
  }

  function draw(form) {
    form.classList.toggle("app-calendar--drawn", WIDE.matches);
    for (const session of form.querySelectorAll(".app-session")) {
      if (WIDE.matches) place(session);
      else session.removeAttribute("style");
    }
  }

  // a session at other hours, perhaps on another day, before the server has agreed
  function show(session, cell, hours) {
    if (session.parentElement !== cell) cell.append(session);
    session.dataset.opens = hours.opens;
    session.dataset.closes = hours.closes;
    session.firstChild.textContent = `${clock(hours.opens)}–\u200b${clock(hours.closes)}`;
    place(session);
  }

  function fill(form, name, value) {
    if (!Array.isArray(value)) form.elements[name].value = value;
    else for (const box of form.querySelectorAll(`input[name="${name}"]`)) box.checked = value.includes(box.value);
  }

  function send(session, action) {
    const form = session.closest("form");
    const values = {
      picked_scanner: session.dataset.scanner, picked_number: session.dataset.number, scanner: session.dataset.scanner,
      day: session.parentElement.dataset.day, opens: clock(Number(session.dataset.opens)),
      closes: clock(Number(session.dataset.closes)), every_weeks: session.dataset.every,
      ...JSON.parse(session.dataset.more || "{}"), // what moving does not change
    };
    for (const [name, value] of Object.entries(values)) fill(form, name, value);
    form.dataset.keepFocus = "yes";
    form.querySelector(`button[name=do][value=${action}][hidden]`).click();
  }

  function take(event) {
    const session = event.target.closest("button.app-session");
    if (!session || event.button !== 0 || !WIDE.matches) return;
    const box = session.getBoundingClientRect();
    const form = session.closest("form");
    const cell = session.parentElement;
    const minutes = (Number(form.dataset.last) - Number(form.dataset.first)) / cell.getBoundingClientRect().width;
    const end = event.clientX > box.right - EDGE ? "closes" : event.clientX < box.left + EDGE ? "opens" : "";
    const start = { x: event.clientX, cell, ...hoursOf(session) };
    let moved = false;

    function move(now) {
      const shift = snap((now.clientX - start.x) * minutes);
      if (!moved && Math.abs(now.clientX - start.x) < 4) return;
      // the row, for a session that changes its cell would lose the pointer
      if (!moved) cell.parentElement.setPointerCapture(event.pointerId);
      moved = true;
      session.classList.add("app-session--moving");
      if (end) resize(shift);
      else shiftTo(now, shift);
    }

    function resize(shift) {
      const hours = { opens: start.opens, closes: start.closes };
      hours[end] = end === "opens" ? within(start.opens + shift, 0, start.closes - STEP) : within(start.closes + shift, start.opens + STEP, DAY);
      show(session, start.cell, hours);
    }

    function shiftTo(now, shift) {
      const cells = [...start.cell.parentElement.querySelectorAll("[data-day]")];
      const over = cells.find((one) => now.clientX >= one.getBoundingClientRect().left && now.clientX < one.getBoundingClientRect().right) || start.cell;
      const days = cells.indexOf(over) - cells.indexOf(start.cell);
      const away = days * (start.cell.getBoundingClientRect().width * minutes);
      const length = start.closes - start.opens;
      const opens = within(start.opens + snap(shift - away), 0, DAY - length);
      show(session, over, { opens, closes: opens + length });
    }

    function stop() {
      for (const [name, listener] of Object.entries(listeners)) document.removeEventListener(name, listener);
      session.classList.remove("app-session--moving");
      if (!moved) return;
      session.dataset.dragged = "yes"; // the click that follows does not choose it
      send(session, "change");
    }

    const listeners = { pointermove: move, pointerup: stop, pointercancel: stop };
    for (const [name, listener] of Object.entries(listeners)) document.addEventListener(name, listener);
  }

  let waiting;
  function press(event) {
    const session = event.target.closest("button.app-session");
    if (!session || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Delete") {
      event.preventDefault();
      send(session, "remove");
      return;
    }
    const hours = hoursOf(session);
    const cells = [...session.closest("tr").querySelectorAll("[data-day]")];
    let cell = session.parentElement;
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    const days = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step && event.shiftKey) hours.closes = within(hours.closes + step, hours.opens + STEP, DAY);
    else if (step && hours.opens + step >= 0 && hours.closes + step <= DAY) {
      hours.opens += step;
      hours.closes += step;
    } else if (days) cell = cells[within(cells.indexOf(cell) + days, 0, cells.length - 1)];
    else return;
    event.preventDefault();
    show(session, cell, hours);
    session.focus();
    clearTimeout(waiting);
    waiting = setTimeout(() => send(session, "change"), WAIT);
  }

  document.addEventListener("pointerdown", take);
  document.addEventListener("keydown", press);
  document.addEventListener(
    "click",
    (event) => {
      const session = event.target.closest("button.app-session");
      if (!session?.dataset.dragged) return;
      event.preventDefault();
      event.stopPropagation();
      delete session.dataset.dragged;
    },
    true,
  );
  const drawAll = () => document.querySelectorAll("form.app-calendar").forEach(draw);
  document.addEventListener("htmx:afterSwap", (event) => {
    drawAll();
    const form = document.querySelector("form.app-calendar");
    if (event.detail.target?.dataset.keepFocus) form?.querySelector(".app-session[aria-current]")?.focus();
  });
  WIDE.addEventListener("change", drawAll);
  drawAll();
})();
