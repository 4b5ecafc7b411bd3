(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  const make = (tag, kind = "", text = "") => Object.assign(document.createElement(tag), { className: kind, textContent: text });
  const SIGNS = { verified: "✓", refuted: "✗", unknown: "?", skipped: "–", "given up": "?", same: "=", differs: "≠" };

  // Trees: one that stands in the page as changes is put together from the one it is based on.
  const trees = new Map();
  const whole = new Map();
  const linesOf = (name) => {
    const chain = [];
    for (let at = name; at && !whole.has(at); at = trees.get(at)?.base) chain.push(at);
    for (const at of chain.reverse()) {
      const { parts, base } = trees.get(at) ?? { parts: [], base: "" };
      const before = whole.get(base) ?? [];
      let cursor = 0;
      const lines = [];
      for (const part of parts) {
        if (part.kept) for (const line of before.slice(cursor, cursor + part.kept)) lines.push(line);
        if (part.added) for (const line of part.added) lines.push(line);
        cursor += part.kept + part.gone;
      }
      whole.set(at, lines);
    }
    return whole.get(name) ?? [];
  };
  const readTree = (pre) => {
    const parts = [...pre.childNodes].map((node) => {
      const text = node.textContent.replace(/\n$/, "");
      const kind = node.nodeName;
      return {
        kept: kind === "I" ? Number(node.dataset.kept) : 0,
        gone: kind === "DEL" ? text.split("\n").length : 0,
        added: kind === "INS" || kind === "#text" ? text.split("\n") : null,
      };
    });
    trees.set(pre.dataset.tree, { base: pre.dataset.base ?? "", parts, pre, changes: [...pre.childNodes] });
  };
  const drawTree = (name, mode, wanted = null) => {
    const { pre, base, parts, changes } = trees.get(name);
    if (mode === "changes") {
      pre.replaceChildren(...changes);
    } else if (wanted) {
      const lines = linesOf(name);
      const keep = new Set();
      lines.forEach((line, at) => {
        if (!wanted(line)) return;
        keep.add(at);
        for (let up = at - 1, deep = depth(line); up >= 0 && deep > 0; up -= 1) {
          if (depth(lines[up]) < deep) { keep.add(up); deep = depth(lines[up]); }
        }
      });
      pre.textContent = lines.filter((_, at) => keep.has(at)).join("\n") || "nothing found in this tree";
    } else {
      const before = base ? linesOf(base) : [];
      let cursor = 0;
      pre.replaceChildren(...parts.flatMap((part) => {
        const kept = before.slice(cursor, cursor + part.kept);
        cursor += part.kept + part.gone;
        if (part.kept) return [document.createTextNode(kept.join("\n") + "\n")];
        if (!part.added) return [];
        return base ? [make("ins", "", part.added.join("\n") + "\n")] : [document.createTextNode(part.added.join("\n"))];
      }));
    }
    pre.dataset.mode = mode;
  };
  const depth = (line) => line.length - line.trimStart().length;
  const equipTree = (fold) => {
    const pre = one(".tree", fold);
    if (!pre || one(".tools", fold)) return;
    const name = pre.dataset.tree;
    const tools = make("div", "tools");
    const field = Object.assign(make("input"), { type: "search", placeholder: "find in this tree" });
    field.setAttribute("aria-label", "find in this tree");
    const resting = () => (toggle?.dataset.mode ?? "whole");
    field.addEventListener("input", () => {
      const query = field.value.trim().toLowerCase();
      drawTree(name, query ? "found" : resting(), query ? (line) => line.toLowerCase().includes(query) : null);
    });
    let toggle = null;
    if (pre.dataset.base) {
      toggle = make("button", "", "whole tree");
      toggle.dataset.mode = "changes";
      toggle.addEventListener("click", () => {
        toggle.dataset.mode = toggle.dataset.mode === "whole" ? "changes" : "whole";
        toggle.textContent = toggle.dataset.mode === "whole" ? "only what changed" : "whole tree";
        field.value = "";
        drawTree(name, toggle.dataset.mode);
      });
      tools.append(toggle);
    }
    tools.append(field);
    pre.before(tools);
  };

  // Cards
  let cards = [];
  let current = -1;
  let pinned = false;
  const readCard = (element) => {
    const end = one(":scope > .closing", element);
    return {
      element,
      number: one(":scope > header .number", element)?.textContent ?? "",
      title: one(":scope > header h2", element)?.textContent ?? "",
      verdict: end ? end.dataset.verdict : "under way",
      at: Number(element.dataset.at ?? 0),
      asked: Number(element.dataset.asked ?? 0),
      seconds: Number(end?.dataset.seconds ?? 0),
      sub: Boolean(element.parentElement.closest(".step")),
    };
  };
  const select = (number, scroll = true) => {
    if (!cards.length || number === current) { if (scroll && number >= 0) show(number); return; }
    for (const old of all(".current")) old.classList.remove("current");
    current = number;
    if (number < 0) { one(".rail .overview")?.classList.add("current"); if (scroll) scrollTo({ top: 0 }); return; }
    cards[number].element.classList.add("current");
    cards[number].entry.classList.add("current");
    const list = one(".rail ol");
    const { offsetTop, offsetHeight } = cards[number].entry;
    const top = offsetTop - list.offsetTop;
    if (top < list.scrollTop + 40 || top + offsetHeight > list.scrollTop + list.clientHeight - 40) list.scrollTop = top - list.clientHeight / 2;
    if (scroll) show(number);
  };
  const show = (number) => {
    pinned = true;
    one(".rail").classList.remove("unfolded");
    cards[number].element.scrollIntoView({ block: "start" });
    cards[number].element.scrollIntoView({ block: "start" }); // what was not laid out before is now: its place is the real one
  };
  const follow = () => {
    if (pinned || !cards.length) return;
    let at = -1;
    cards.forEach((card, number) => { if (card.element.getBoundingClientRect().top < 140) at = number; });
    if (scrollY < 20) at = -1;
    select(at, false);
  };

  // The rail: every step, its verdict and its time on the run's own scale
  const bars = (card, total) => {
    const bar = make("span", "bar");
    const piece = (kind, from, long) => {
      const mark = make("i", kind);
      mark.style.left = `${(100 * from) / total}%`;
      mark.style.width = `${(100 * long) / total}%`;
      bar.append(mark);
    };
    if (card.asked) piece("thought", Math.max(card.at - card.asked, 0), card.asked);
    const kind = { refuted: "bad", differs: "bad", unknown: "odd", "given up": "odd" }[card.verdict] ?? "";
    piece(kind, card.at, card.seconds);
    return bar;
  };
  const entryOf = (card, total) => {
    const item = make("li", card.sub ? "sub" : "");
    const link = make("a");
    link.href = `#${card.element.id}`;
    link.title = card.title;
    link.append(make("span", "n", card.number), make("span", card.verdict.replace(" ", "-"), SIGNS[card.verdict] ?? "…"));
    link.append(make("span", "t", card.title), make("span", "s", card.seconds ? `${card.seconds.toFixed(2)} s` : ""), bars(card, total));
    item.append(link);
    return item;
  };
  const buildRail = () => {
    const rail = make("nav", "rail");
    rail.setAttribute("aria-label", "steps");
    const top = make("div", "top");
    const line = make("p");
    const said = one(".result .outcome") ?? one(".cut .outcome");
    const kind = one(".result")?.className ?? "";
    const outcome = make("span", kind.replace("card", "").replace("result", ""));
    outcome.append(make("b", "outcome", said?.textContent ?? ""));
    const total = Math.max(...cards.map((card) => card.at + card.seconds), 0.001);
    const steps = cards.filter((card) => !card.sub && card.number.trim() !== "•").length;
    line.append(outcome, make("span", "", `${steps} step${steps === 1 ? "" : "s"}`), make("span", "", `${total.toFixed(1)} s`));
    const find = make("div", "find");
    const field = Object.assign(make("input"), { type: "search", placeholder: "Search all steps  ( / )", id: "find" });
    field.setAttribute("aria-label", "search all steps");
    const hits = make("span", "hits");
    hits.setAttribute("role", "status");
    find.append(field, hits);
    const open = make("button", "open", "Steps");
    open.addEventListener("click", () => rail.classList.toggle("unfolded"));
    top.append(line, find, open);
    const list = make("ol");
    const overview = make("li", "overview current");
    const link = Object.assign(make("a"), { href: "#" });
    link.append(make("span", "n"), make("span", "soft", "≡"), make("span", "t", "Overview"));
    overview.append(link);
    list.append(overview);
    for (const card of cards) list.append((card.entry = entryOf(card, total)));
    const ending = cards.find((card) => card.number.trim() === "•")?.entry ?? null;
    for (const tick of all(".ticks li")) {
      if (one("a", tick)) continue;
      const item = make("li");
      const row = make("span", "soft");
      row.append(make("span", "n", one(".n", tick).textContent), make("span", "", "·"), make("span", "t", tick.children[2].textContent), make("span", "s", "not run"));
      item.append(row);
      list.insertBefore(item, ending);
    }
    const foot = make("div", "foot");
    for (const [key, what] of [["j", ""], ["k", "steps"], ["/", "search"], ["?", "keys"]]) foot.append(make("kbd", "", key), ...(what ? [make("span", "", what)] : []));
    const theme = make("button", "", "◐");
    theme.setAttribute("aria-label", "light or dark");
    theme.addEventListener("click", turnLight);
    foot.append(theme);
    rail.append(top, list, foot);
    list.addEventListener("click", (event) => {
      const item = event.target.closest("li");
      if (!item || !one("a", item)) return;
      event.preventDefault();
      select(cards.findIndex((card) => card.entry === item));
      rail.classList.remove("unfolded");
    });
    document.body.prepend(rail);
    field.addEventListener("input", () => search(field.value));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); field.blur(); toHit(1, true); }
      if (event.key === "Escape") { field.value = ""; search(""); field.blur(); }
    });
  };
  const turnLight = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  };

  // Search: what a card says, its network and model included, and every line of its trees
  let query = "";
  let found = [];
  const texts = function* (element) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) if (walker.currentNode.parentElement.nodeName !== "STYLE") yield walker.currentNode;
  };
  const search = (asked) => {
    query = asked.trim().toLowerCase();
    const known = new Map();
    const inLine = (line) => {
      if (!known.has(line)) known.set(line, line.toLowerCase().includes(query));
      return known.get(line);
    };
    found = [];
    cards.forEach((card, number) => {
      card.said ??= [...texts(card.element)].map((node) => node.data).join("\n").toLowerCase();
      card.trees ??= all(".tree", card.element).map((pre) => pre.dataset.tree);
      const hit = query !== "" && (card.said.includes(query) || card.trees.some((name) => linesOf(name).some(inLine)));
      if (hit) found.push(number);
      card.entry.classList.toggle("miss", query !== "" && !hit);
    });
    one(".rail .hits").textContent = query ? `${found.length} of ${cards.length}` : "";
    paint();
  };
  const paint = () => {
    if (!window.CSS?.highlights) return;
    CSS.highlights.delete("found");
    if (!query) return;
    const ranges = [];
    for (const number of found) {
      for (const node of texts(cards[number].element)) {
        const said = node.data.toLowerCase();
        if (said.length !== node.data.length) continue;
        for (let at = said.indexOf(query); at >= 0 && ranges.length < 4000; at = said.indexOf(query, at + query.length)) {
          const range = new Range();
          range.setStart(node, at);
          range.setEnd(node, at + query.length);
          ranges.push(range);
        }
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  };
  const firstHit = (element) => {
    for (const node of texts(element)) {
      const at = node.data.toLowerCase().indexOf(query);
      if (at < 0) continue;
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, Math.min(at + query.length, node.data.length));
      return range;
    }
    return null;
  };
  const toHit = (way, here = false) => {
    if (!found.length) return;
    const next = way > 0 ? found.find((number) => (here ? number >= current : number > current)) ?? found[0]
      : found.findLast((number) => number < current) ?? found.at(-1);
    select(next);
    uncover(cards[next]);
  };
  const uncover = (card) => {
    let range = firstHit(card.element);
    if (!range) {
      const name = card.trees.find((tree) => linesOf(tree).some((line) => line.toLowerCase().includes(query)));
      const { pre } = trees.get(name);
      equipTree(pre.closest("details"));
      const toggle = one("button", pre.closest("details"));
      if (toggle?.dataset.mode === "changes") toggle.click();
      range = firstHit(pre);
      paint();
    }
    for (let up = range?.startContainer.parentElement; up; up = up.parentElement) if (up.nodeName === "DETAILS") up.open = true;
    if (!range) return;
    const pre = range.startContainer.parentElement.closest("pre");
    if (pre) pre.scrollTop += range.getBoundingClientRect().top - pre.getBoundingClientRect().top - 80;
    const { top } = range.getBoundingClientRect();
    if (top < 60 || top > innerHeight - 60) scrollBy({ top: top - innerHeight / 3 });
  };

  // Keys
  const KEYS = [
    ["j", "next step", () => select(Math.min(current + 1, cards.length - 1))],
    ["k", "step before", () => select(Math.max(current - 1, -1))],
    ["g", "overview", () => select(-1)],
    ["G", "last step", () => select(cards.length - 1)],
    ["f", "next step that was not verified, or that differs", () => {
      const bad = (card) => !["verified", "skipped", "same"].includes(card.verdict);
      const after = cards.findIndex((card, number) => number > current && bad(card));
      const next = after >= 0 ? after : cards.findIndex(bad);
      if (next >= 0) select(next);
    }],
    ["/", "search all steps, trees, network and model calls", () => { one("#find").focus(); one("#find").select(); }],
    ["n", "next step found", () => toHit(1)],
    ["N", "step found before", () => toHit(-1)],
    ["t", "the page as elements", () => fold(".page")],
    ["w", "network", () => fold(".net")],
    ["m", "the model's request and reply", () => fold(".call")],
    ["o", "everything of this step", () => fold("")],
    ["z", "larger pictures", () => {
      const boxes = all(":scope > .shots input", cards[current]?.element ?? document.body);
      const large = boxes.some((box) => !box.checked);
      for (const box of boxes) box.checked = large;
    }],
    ["s", "list of steps, on a narrow screen", () => one(".rail").classList.toggle("unfolded")],
    ["d", "light or dark", turnLight],
    ["?", "these keys", () => help()],
  ];
  const fold = (kind) => {
    if (current < 0) return;
    const folds = all(`:scope > .fold${kind}`, cards[current].element);
    const open = folds.some((one) => !one.open);
    for (const one of folds) one.open = open;
    if (open && kind) folds[0]?.scrollIntoView({ block: "nearest" });
  };
  const help = () => {
    let dialog = one("dialog");
    if (!dialog) {
      dialog = make("dialog");
      dialog.append(make("h2", "", "Keys"));
      const list = make("dl");
      for (const [key, what] of KEYS) {
        const term = make("dt");
        term.append(make("kbd", "", key));
        list.append(term, make("dd", "", what));
      }
      dialog.append(list);
      dialog.addEventListener("click", () => dialog.close());
      document.body.append(dialog);
    }
    if (dialog.open) dialog.close(); else dialog.showModal();
  };
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input[type=search]")) return;
    const known = KEYS.find(([key]) => key === event.key);
    if (!known || (one("dialog[open]") && event.key !== "?")) return;
    event.preventDefault();
    known[2]();
  };

  document.addEventListener("DOMContentLoaded", () => {
    all(".tree").forEach(readTree);
    for (const net of all(".traffic > .net")) {
      const home = net.dataset.card && document.getElementById(net.dataset.card);
      if (!home) continue;
      one(".during", net).remove();
      home.append(net);
    }
    for (const traffic of all(".traffic")) traffic.hidden = !one(".net", traffic);
    cards = all(".step").map(readCard);
    buildRail();
    document.addEventListener("toggle", (event) => { if (event.target.matches(".page") && event.target.open) equipTree(event.target); }, true);
    document.addEventListener("keydown", press);
    for (const moved of ["wheel", "touchmove", "pointerdown"]) addEventListener(moved, () => { pinned = false; }, { passive: true });
    let waiting = false;
    addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; follow(); });
    }, { passive: true });
    const hash = () => {
      const number = cards.findIndex((card) => `#${card.element.id}` === location.hash);
      if (number >= 0) select(number);
    };
    addEventListener("hashchange", hash);
    hash();
    root.dataset.ready = "";
  });
})();
