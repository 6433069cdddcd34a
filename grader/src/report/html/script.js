// Steps through timelines, filters and sorts tables, copies commands. All that
// it shows is on the page already: without it, nothing is missing but comfort.
"use strict";

const all = (box, selector) => [...box.querySelectorAll(selector)];

const element = (name, kind, text) => {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.textContent = text;
  return made;
};

// A row of the table of a timeline.
const read = (row) => {
  const [step, thread, action, place, held, why] = all(row, "th, td").map((cell) => cell.textContent);
  return { row, step, thread, action, place, held, why, listing: row.dataset.listing, line: row.dataset.line };
};

const timeline = (box) => {
  const steps = all(box, "tr.step").map(read);
  const bands = all(box, ".band");
  const marks = all(box, "g.step");
  const lanes = box.querySelector(".lanes");
  const now = box.querySelector(".now");
  const beside = box.querySelector(".beside");
  const listing = box.querySelector(".listing");
  const isWhole = steps.every(({ step }, index) => step === String(index + 1));
  const hasSource = steps.some((step) => step.listing);
  let current = 0;

  // Where each thread is: its last place, unless it has ended.
  const positions = () => {
    const threads = new Map();
    for (const step of steps.slice(0, current + 1)) {
      if (step.action === "ends") threads.delete(step.thread);
      else if (step.listing) threads.set(step.thread, step);
    }
    return threads;
  };

  const showSource = (here) => {
    const threads = positions();
    const shown = here.listing ? here : threads.get(here.thread);
    const told = here.place || "this step has no place in the sources";
    const of = here.listing || !here.place ? "" : " (not in the submission)";
    beside.querySelector(".file").textContent = told + of;
    const id = shown ? shown.listing : listing.dataset.shown;
    if (id && listing.dataset.shown !== id) {
      const copy = document.getElementById(id).cloneNode(true);
      for (const part of [copy, ...all(copy, "[id]")]) part.removeAttribute("id");
      copy.removeAttribute("tabindex");
      listing.replaceChildren(copy);
      listing.dataset.shown = id;
    }
    for (const line of all(listing, ".lit, .other")) {
      line.classList.remove("lit", "other");
      line.removeAttribute("data-who");
      line.removeAttribute("aria-current");
    }
    const at = (number) => listing.querySelector(`.line[data-n="${CSS.escape(number)}"]`);
    for (const [thread, step] of threads) {
      const line = step.listing === id && at(step.line);
      if (!line) continue;
      line.dataset.who = line.dataset.who ? `${line.dataset.who}, ${thread}` : thread;
      if (!line.classList.contains("lit")) line.classList.add("other");
      if (thread === here.thread && here.listing) {
        line.classList.replace("other", "lit");
        line.setAttribute("aria-current", "true");
      }
    }
    const lit = listing.querySelector(".lit") ?? (shown && at(shown.line));
    if (lit) listing.scrollTop = lit.offsetTop - listing.clientHeight / 2;
  };

  // Steps that are left out have numbers, too.
  const where = () => {
    const number = steps[current].step;
    const place = isWhole ? ` of ${steps.length}` : ` (${current + 1} of ${steps.length})`;
    return `Step ${number}${place}`;
  };

  // Only the boxes scroll, never the page.
  const scroll = () => {
    const head = lanes.querySelector(".head").clientHeight;
    const band = bands[current];
    const top = Number(band.getAttribute("y"));
    const height = Number(band.getAttribute("height"));
    const seen = lanes.clientHeight - head;
    if (top - height < lanes.scrollTop) lanes.scrollTop = top - height;
    else if (top + 3 * height > lanes.scrollTop + seen) lanes.scrollTop = top + 3 * height - seen;
    const left = Number(marks[current].querySelector(".words").getAttribute("x"));
    if (left - 60 < lanes.scrollLeft || left + 200 > lanes.scrollLeft + lanes.clientWidth) {
      lanes.scrollLeft = Math.max(0, left - 80);
    }
  };

  const go = (wanted) => {
    for (const part of [bands[current], marks[current], steps[current].row]) part.classList.remove("lit");
    steps[current].row.removeAttribute("aria-current");
    current = Math.min(Math.max(wanted, 0), steps.length - 1);
    const here = steps[current];
    for (const part of [bands[current], marks[current], here.row]) part.classList.add("lit");
    here.row.setAttribute("aria-current", "step");
    const more = [];
    if (here.why) more.push(`It runs now because ${here.why}.`);
    if (here.held) more.push(`Locks held: ${here.held}.`);
    now.replaceChildren(
      element("span", "count", `${where()}: `),
      element("strong", "", here.thread),
      ` ${here.action}`,
      element("span", "more", more.join(" ") || "\u00a0"),
    );
    if (hasSource) showSource(here);
    if (box.dataset.view === "drawing") scroll();
    else if (box.contains(document.activeElement)) here.row.scrollIntoView({ block: "nearest" });
  };

  const view = (wanted) => {
    box.dataset.view = wanted;
    for (const button of all(box, "[data-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === wanted));
    }
    go(current);
  };

  const moves = {
    first: () => go(0),
    back: () => go(current - 1),
    next: () => go(current + 1),
    last: () => go(steps.length - 1),
  };
  const keys = {
    Home: "first", End: "last",
    ArrowLeft: "back", ArrowUp: "back", ArrowRight: "next", ArrowDown: "next",
  };

  box.addEventListener("keydown", (event) => {
    const move = moves[keys[event.key]];
    const isOurs = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!move || !isOurs || event.target.closest(".listing")) return;
    event.preventDefault();
    move();
  });
  box.addEventListener("click", (event) => {
    const target = event.target;
    const button = target.closest("button");
    if (button) {
      if (button.dataset.go) moves[button.dataset.go]();
      else if (button.dataset.view) view(button.dataset.view);
      return;
    }
    const part = target.closest("[data-step]");
    if (part) go(Number(part.dataset.step));
    const row = target.closest("tr.step");
    if (row && !target.closest("a")) go(steps.findIndex((step) => step.row === row));
  });

  box.classList.add("live");
  beside.hidden = !hasSource;
  box.querySelector(".stage").classList.toggle("both", hasSource);
  box.querySelector(".stepper").hidden = false;
  view("drawing");
  now.hidden = false;
};

const command = (box) => {
  const button = box.querySelector(".copy");
  const said = box.querySelector(".said");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = box.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      said.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(code);
      said.textContent = "selected: press Ctrl+C";
    }
  });
};

// A table whose columns can be sorted: the first click from the small to the
// large, the next one the other way round. What has no value comes last.
const sortable = (table) => {
  const body = table.tBodies[0];
  const heads = all(table.tHead, "th[data-sort]");
  for (const head of heads) {
    const button = element("button", "sorts", head.textContent);
    button.type = "button";
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const ascending = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const value = (row) => row.cells[head.cellIndex].dataset.value ?? row.cells[head.cellIndex].textContent;
      const order = (a, b) => {
        const [first, second] = [value(a), value(b)];
        if (first === "" || second === "") return (first === "") - (second === "");
        const less = head.dataset.sort === "number" ? first - second : first.localeCompare(second);
        return ascending ? less : -less;
      };
      body.replaceChildren(...[...body.rows].sort(order));
    });
  }
};

const filters = (box) => {
  const table = document.getElementById(box.dataset.of);
  const name = box.querySelector("input");
  const which = box.querySelector("select");
  const count = box.querySelector("[role=status]");
  const apply = () => {
    const words = name.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const rows = [...table.tBodies[0].rows];
    for (const row of rows) {
      const text = row.cells[0].textContent.toLocaleLowerCase();
      const tags = (row.dataset.tags ?? "").split(" ");
      row.hidden = !words.every((word) => text.includes(word)) || (which.value !== "" && !tags.includes(which.value));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = shown === rows.length ? "" : `${shown} of ${rows.length} shown`;
  };
  box.hidden = false;
  name.addEventListener("input", apply);
  which.addEventListener("change", apply);
};

// Two sources side by side: what is alike is shown in both at once.
const sides = (box) => {
  const show = (number) => {
    for (const row of all(box, "[data-region]")) row.classList.toggle("lit", row.dataset.region === number);
    for (const pane of all(box, ".side")) {
      for (const line of all(pane, ".line.lit")) line.classList.remove("lit");
      const lines = all(pane, `.line[data-m~="${CSS.escape(number)}"]`);
      for (const line of lines) line.classList.add("lit");
      if (lines.length) pane.scrollTop = lines[0].offsetTop - pane.clientHeight / 4;
    }
    box.querySelector(".both").scrollIntoView({ block: "nearest" });
  };
  box.addEventListener("click", (event) => {
    const row = event.target.closest("[data-region]");
    const line = event.target.closest(".line[data-m]");
    if (!row && !line) return;
    event.preventDefault();
    show(row ? row.dataset.region : line.dataset.m.split(" ")[0]);
  });
};

// A link to a line opens what the line is in.
const reveal = () => {
  const id = location.hash.slice(1);
  const target = id && document.getElementById(id);
  if (!target) return;
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  target.scrollIntoView({ block: "center" });
};

all(document, ".timeline").forEach(timeline);
all(document, ".command").forEach(command);
all(document, "table.sortable").forEach(sortable);
all(document, ".filters").forEach(filters);
all(document, ".sides").forEach(sides);
addEventListener("hashchange", reveal);
reveal();
