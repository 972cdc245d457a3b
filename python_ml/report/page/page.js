// What the choices hide and show. Without this script all is there for all feeds.
(function () {
  "use strict";
  const root = document.documentElement;
  const [feed, period, theme] = ["feed", "period", "theme"].map((id) =>
    document.getElementById(id)
  );
  const opened = new Set();
  const all = (selector, within) => [...(within || document).querySelectorAll(selector)];

  function isChosen(element) {
    const { feed: of, only, period: when, until } = element.dataset;
    const start = period.selectedOptions[0].dataset.start;
    return (
      (of === undefined || feed.value === "" || of === feed.value) &&
      (only === undefined || only === feed.value) &&
      (when === undefined || when === period.value) &&
      (until === undefined || until >= start)
    );
  }

  // A list shows its first rows; all that the page holds of a feed, once one is chosen.
  function limited(list, items) {
    const most = Number(list.dataset.list);
    const isWhole = opened.has(list) || feed.value !== "";
    const chosen = items.filter(isChosen);
    items.forEach((item) => (item.hidden = true));
    chosen.slice(0, isWhole ? chosen.length : most).forEach((item) => (item.hidden = false));
    return chosen.length > most && !isWhole;
  }

  function counted(note, list, hasMore) {
    const totals = JSON.parse(note.dataset.totals);
    const rows = list ? all(":scope > [data-feed]", list) : [];
    const visible = rows.filter((row) => !row.hidden).length;
    if (rows.length) note.querySelector("[data-shown]").textContent = visible;
    if (feed.value === "" || totals[feed.value] !== undefined || note.querySelector(".more"))
      note.querySelector("[data-total]").textContent = (totals[feed.value] || 0).toLocaleString("en");
    const more = note.querySelector(".more");
    if (more) more.hidden = !hasMore;
    return visible;
  }

  function update() {
    all("[data-feed], [data-only], [data-period], [data-until]").forEach((element) => {
      if (!element.parentElement.matches("[data-list]")) element.hidden = !isChosen(element);
    });
    all("section").forEach((section) => {
      let hasMore = false;
      const list = section.querySelector("[data-list]");
      if (list) hasMore = limited(list, all(":scope > [data-feed]", list));
      all(".shown", section).forEach((note) => {
        const before = note.previousElementSibling;
        const near = before.matches(".none") ? before.previousElementSibling : before;
        const of = near.matches("[data-list]") ? near : near.querySelector("tbody");
        const visible = counted(note, of, of === list && hasMore);
        if (before.matches(".none")) before.hidden = visible > 0;
      });
      const drawn = all(".charts > figure:not([hidden]), .calendar:not([hidden])", section);
      const none = section.querySelector(".charts + .none, .calendar + .none");
      if (none) none.hidden = drawn.length > 0;
      all(".charts", section).forEach((charts) =>
        charts.classList.toggle("one", drawn.length === 1)
      );
    });
    const start = period.selectedOptions[0].dataset.start;
    all("[data-day]").forEach((day) =>
      day.classList.toggle("out", day.dataset.day < start)
    );
  }

  function paint() {
    if (theme.value) root.dataset.theme = theme.value;
    else delete root.dataset.theme;
    try {
      localStorage.setItem("assay-theme", theme.value);
    } catch (error) {
      // Files have no storage in some browsers: the choice holds for this view.
    }
  }

  function remembered() {
    try {
      return localStorage.getItem("assay-theme") || "";
    } catch (error) {
      return "";
    }
  }

  const tip = document.getElementById("tip");
  function show(event) {
    const target = event.target.closest && event.target.closest("rect[data-tip]");
    tip.hidden = !target;
    if (!target) return;
    tip.textContent = target.dataset.tip;
    const box = target.getBoundingClientRect();
    const left = box.left + box.width / 2 - tip.offsetWidth / 2;
    const most = root.clientWidth - tip.offsetWidth - 8;
    const above = box.top - tip.offsetHeight - 6;
    // Set through the object model: the policy refuses styles that are written.
    tip.style.left = `${Math.max(8, Math.min(left, most)) + window.scrollX}px`;
    tip.style.top = `${(above > 4 ? above : box.bottom + 6) + window.scrollY}px`;
  }

  all("svg title").forEach((title) => {
    title.parentElement.dataset.tip = title.textContent;
    title.remove();
  });
  document.addEventListener("pointerover", show);
  document.addEventListener("scroll", () => (tip.hidden = true), { passive: true });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") tip.hidden = true;
  });
  all(".more").forEach((button) =>
    button.addEventListener("click", () => {
      const list = button.closest("section").querySelector("[data-list]");
      opened.add(list);
      update();
    })
  );
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    closed.forEach((details) => (details.open = true));
  });
  window.addEventListener("afterprint", () =>
    closed.forEach((details) => (details.open = false))
  );
  theme.value = remembered();
  paint();
  [feed, period].forEach((choice) => choice.addEventListener("change", update));
  theme.addEventListener("change", paint);
  document.querySelector(".choices").hidden = false;
  update();
  root.dataset.ready = "true";
})();
