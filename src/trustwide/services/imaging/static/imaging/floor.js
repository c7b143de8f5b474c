// A recorded day on the plan of a floor: who is where at a time of day, and how many wait for each step.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const SPACING = 0.86; // metres between the middles of two people
  const TOP = 1.45; // from a room's top to the middle of its first row, below its name
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const plan = document.querySelector("[data-floor]");
  if (!plan) return;
  const day = JSON.parse(document.getElementById(plan.dataset.floor).textContent);
  const people = plan.querySelector("[data-people]");
  const places = plan.querySelector("[data-places]");
  const find = (name) => document.querySelector(`[data-floor-${name}]`);
  const slider = document.getElementById("floor-time");
  const speed = document.getElementById("floor-speed");
  const play = find("play");
  const marks = new Map();
  let timer = 0;

  const clock = (minutes) => {
    const whole = Math.floor(minutes) % 1440;
    return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
  };

  const element = (name, attributes) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  const inside = (room, index) => {
    const columns = Math.max(1, Math.floor((room.width - 0.3) / SPACING));
    const rows = Math.max(1, Math.floor((room.height - TOP) / SPACING) + 1);
    const row = Math.floor(index / columns);
    // more people than there is room to draw stand on the last place
    const shown = row < rows ? index : columns * rows - 1;
    return [room.x + 0.6 + (shown % columns) * SPACING, room.y + TOP + Math.floor(shown / columns) * SPACING];
  };

  const below = (room, index) => {
    const most = Math.max(1, Math.floor(room.width / 0.7));
    return [room.x + 0.4 + Math.min(index, most - 1) * 0.7, room.y + room.height + 0.5];
  };

  const spanAt = (person, time) => person.spans.find((span) => span[3] <= time && time < span[4]);

  const mark = (index, what) => {
    let made = marks.get(index);
    if (made && made.dataset.what === what) return made;
    if (made) made.remove();
    made =
      what === "kept"
        ? element("rect", { x: -0.3, y: -0.3, width: 0.6, height: 0.6 })
        : element("circle", { r: 0.34 });
    made.dataset.what = what;
    made.setAttribute("class", `app-person app-person--${what === "queue" ? "seat" : what}`);
    people.append(made);
    marks.set(index, made);
    return made;
  };

  const put = (index, what, [x, y]) => {
    mark(index, what).style.transform = `translate(${x}px, ${y}px)`;
  };

  const show = (time) => {
    const within = day.resources.map(() => []);
    const queues = day.resources.map(() => []);
    const waiting = day.steps.map(() => 0);
    day.people.forEach((person, index) => {
      const span = spanAt(person, time);
      if (span && span[1] !== "step") waiting[span[2]] += 1;
      if (span && span[0] >= 0 && day.resources[span[0]].plan) {
        (span[1] === "queue" ? queues : within)[span[0]].push([index, span]);
        return;
      }
      if (marks.has(index)) marks.get(index).remove();
      marks.delete(index);
    });
    day.resources.forEach((resource, number) => {
      if (!resource.plan) return;
      within[number].sort((one, other) => one[1][3] - other[1][3]);
      within[number].forEach(([index, span], place) => put(index, span[1], inside(resource.plan, place)));
      queues[number].forEach(([index], place) => put(index, "queue", below(resource.plan, place)));
      const queue = queues[number].length;
      plan.querySelector(`[data-count="${number}"]`).textContent = `${within[number].length} of ${resource.count}`;
      plan.querySelector(`[data-queue="${number}"]`).textContent = queue ? `${queue} waiting` : "";
    });
    waiting.forEach((count, step) => {
      document.querySelector(`[data-waiting="${step}"]`).textContent = count;
    });
    find("clock").textContent = clock(time);
    slider.value = time;
    slider.setAttribute("aria-valuetext", clock(time));
    return waiting;
  };

  const said = (waiting) => {
    const parts = waiting.map((count, step) => [count, day.steps[step]]).filter(([count]) => count > 0);
    const words = parts.map(([count, step]) => `${count} for ${step}`).join(", ");
    find("said").textContent = `${clock(slider.value)}: ${words ? `waiting ${words}` : "nobody waits"}.`;
  };

  const go = (time) => show(Math.min(Math.max(time, Number(slider.min)), Number(slider.max)));

  const stop = () => {
    if (timer) window.clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  };

  const start = () => {
    if (Number(slider.value) >= Number(slider.max)) go(Number(slider.min));
    play.textContent = "Pause";
    // without motion the picture changes once a second, not smoothly
    const beats = calm.matches ? 1 : 5;
    let time = Number(slider.value);
    timer = window.setInterval(() => {
      time += Number(speed.value) / beats;
      go(time);
      if (time >= Number(slider.max)) stop();
    }, 1000 / beats);
  };

  const restart = () => {
    if (!timer) return;
    stop();
    start();
  };

  day.resources.forEach((resource) => {
    if (!resource.plan) return;
    for (let place = 0; place < resource.count; place += 1) {
      const [x, y] = inside(resource.plan, place);
      places.append(element("circle", { class: "app-floor__place", cx: x, cy: y, r: 0.34 }));
    }
  });

  play.addEventListener("click", () => (timer ? stop() : start()));
  slider.addEventListener("input", () => {
    stop();
    said(go(Number(slider.value)));
  });
  speed.addEventListener("change", restart);
  for (const button of document.querySelectorAll("[data-floor-step]")) {
    button.addEventListener("click", () => {
      stop();
      said(go(Number(slider.value) + Number(button.dataset.floorStep)));
    });
  }

  find("controls").hidden = false;
  go(Number(slider.value));
})();
