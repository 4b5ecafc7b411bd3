(seed, key) => {
  // Runs before any script of a page, in every document; once in each.
  const hook = Symbol.for(key);
  if (globalThis[hook]) return;
  const RealDate = Date, realNow = Date.now.bind(Date), realRandom = Math.random;

  // What the page has kept is mixed in: a page that is loaded again must not draw the numbers it has already given out as names.
  const kept = () => {
    const sizes = [];
    for (const name of ['localStorage', 'sessionStorage']) {
      try {
        const store = globalThis[name];
        let size = 0;
        for (let at = 0; at < store.length; at++) size += store.getItem(store.key(at)).length + 1;
        sizes.push(store.length, size);
      } catch { sizes.push(-1); }
    }
    return sizes.join();
  };
  const begin = text => {  // FNV-1a
    let state = 2166136261;
    for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 16777619);
    return state >>> 0;
  };
  let state = null;
  const next = () => {  // mulberry32, which is in the public domain; twice, for 53 bits
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const random = () => {
    if (state === null) state = begin(`${seed} ${location.href} ${globalThis === globalThis.top} ${history.length} ${kept()}`);
    return (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53;
  };
  // A proxy looks to pages like what it stands for.
  Math.random = new Proxy(realRandom, {apply: random});

  let base = null, since = 0, end = Infinity, given = 0;
  const now = () => {
    if (base === null) return realNow();
    const runs = base + realNow() - since;
    // Past its end it creeps: a page that waits for time to pass must not wait for ever.
    given = Math.max(given, Math.floor(runs < end ? runs : end + (runs - end) / 8));
    return given;
  };
  const show = () => {
    const shown = new Proxy(RealDate, {
      apply: () => new RealDate(now()).toString(),
      construct: (target, asked, wanted) => Reflect.construct(target, asked.length ? asked : [now()], wanted === shown ? target : wanted),
    });
    RealDate.now = new Proxy(RealDate.now, {apply: now});
    Object.defineProperty(RealDate.prototype, 'constructor', {value: shown, writable: true, configurable: true});
    globalThis.Date = shown;
  };
  // From then on the page is told that it was `at` (milliseconds since 1970) when it really was `real`; time runs on as far as
  // `until` (null: for ever) and from there on slowly, never back.
  const set = (at, real, until) => {
    if (base === null) show();
    base = at;
    since = real;
    end = until ?? Infinity;
  };
  Object.defineProperty(globalThis, hook, {value: set});
}
