({tell, mutant, answer}) => {
  const report = fact => globalThis[tell]?.(fact);
  const fired = () => report({act: 'fired'});

  const controls = 'a,button,input,select,textarea,label,summary,option,[role],[onclick],[tabindex],li,tr,td,canvas';
  const above = node => node.parentElement || node.getRootNode().host || null;
  const control = node => {
    for (let at = node; at; at = above(at)) if (at.matches?.(controls)) return at;
    return node;
  };
  const key = element => {
    const parts = [];
    for (let at = element; at && at !== document.documentElement; at = above(at)) {
      let place = 1;
      for (let other = at.previousElementSibling; other; other = other.previousElementSibling) place += other.localName === at.localName;
      parts.unshift(`${at.localName}:${place}`);
    }
    return parts.join('>');
  };
  const text = element => (element.getAttribute?.('aria-label') || element.innerText || element.value || element.localName || '')
    .trim().replace(/\s+/g, ' ').slice(0, 60);
  const is_field = element => element.matches?.('textarea,[contenteditable],input:not([type=button],[type=submit],[type=reset],' +
    '[type=image],[type=checkbox],[type=radio],[type=file],[type=color])') || false;
  const neighbour = element => {
    const role = element.getAttribute?.('role');
    const like = [...element.getRootNode().querySelectorAll(element.localName)].filter(other => other === element ||
      (other.getAttribute('role') === role && other.type === element.type && other.getClientRects().length &&
        !other.contains(element) && !element.contains(other)));
    const at = like.indexOf(element);
    return like[at + 1] || like[at - 1] || null;
  };
  const choices = () => {
    const named = new Map();
    for (const radio of document.querySelectorAll('input[type=radio]')) named.set(radio.name, [...named.get(radio.name) || [], radio.value]);
    const selects = [...document.querySelectorAll('select')].map(select => [...select.options].map(option => option.value));
    const lists = [...document.querySelectorAll('[role=listbox],[role=radiogroup]')]
      .map(list => [...list.querySelectorAll('[role=option],[role=radio]')].map(text));
    return [...named.values(), ...selects, ...lists].filter(list => list.length > 1).map(list => list.slice(0, 50));
  };

  const pressed = ['pointerdown', 'mousedown', 'pointerup', 'mouseup'];
  const done = ['click', 'dblclick', 'contextmenu'];
  const meant = event => {
    if (!event.isTrusted) return null;
    return event.composedPath().find(node => node instanceof Element && key(node) === mutant.key) || null;
  };
  const here = () => location.pathname === mutant?.page;
  const stop = event => {
    event.stopImmediatePropagation();
    if (done.includes(event.type)) event.preventDefault();
  };
  const press = (element, kind) => {
    if (kind === 'click') return element.click();
    element.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true, view: window}));
  };

  // On the document: what listens on the window is there to see whether input arrives, and it does.
  if (!mutant) {
    for (const kind of done) document.addEventListener(kind, event => {
      if (!event.isTrusted) return;
      const element = control(event.composedPath()[0]);
      const next = neighbour(element);
      report({act: 'clicked', event: kind, page: location.pathname, key: key(element), name: text(element),
        neighbour: next ? text(next) || next.localName : '', is_field: is_field(element)});
      report({act: 'choices', lists: choices()});
    }, true);
    document.addEventListener('change', () => report({act: 'choices', lists: choices()}), true);
  } else if (mutant.kind === 'dead control') {
    for (const kind of [...pressed, ...done]) document.addEventListener(kind, event => {
      if (!here() || !meant(event)) return;
      stop(event);
      if (kind === mutant.event) fired();
    }, true);
  } else if (mutant.kind === 'wrong neighbour') {
    for (const kind of [...pressed, ...done]) document.addEventListener(kind, event => {
      const element = here() && meant(event);
      const next = element && neighbour(element);
      if (!next) return;
      stop(event);
      if (kind !== mutant.event) return;
      fired();
      press(next, kind);
    }, true);
  }

  const lies = mutant?.kind === 'lying page', hides = mutant?.kind === 'hidden error';
  if (!lies && !hides) return;
  const hit = (method, url) => {
    try {
      return method.toUpperCase() === mutant.method && new URL(url, location.href).pathname === mutant.path;
    } catch {
      return false;
    }
  };
  const turned = answer.status >= 300 && answer.status < 400 && answer.location;
  const bodiless = [204, 205, 304].includes(answer.status);
  const plausible = () => turned ? real(answer.location)
    : Promise.resolve(new Response(bodiless ? null : answer.body, {status: answer.status, headers: {'content-type': answer.kind}}));

  const real = window.fetch.bind(window);
  window.fetch = async (resource, options) => {
    const asked = resource instanceof Request ? resource : null;
    if (!hit(options?.method || asked?.method || 'GET', asked ? asked.url : String(resource))) return real(resource, options);
    if (lies) {
      fired();
      return plausible();
    }
    const given = await real(resource, options);
    if (given.ok) return given;
    fired();
    return plausible();
  };

  const {open} = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    if (!hit(method, url)) return open.call(this, method, url, ...rest);
    fired();
    const fake = URL.createObjectURL(new Blob([bodiless ? '' : answer.body], {type: answer.kind}));
    const shown = {status: turned ? 200 : answer.status, statusText: 'OK', responseURL: new URL(url, location.href).href};
    if (hides) {
      shown.responseText = answer.body;
      Object.defineProperty(this, 'response', {get() {
        return this.responseType === 'json' ? JSON.parse(answer.body) : answer.body;
      }});
    }
    for (const [name, value] of Object.entries(shown)) Object.defineProperty(this, name, {get: () => value});
    return hides ? open.call(this, method, url, ...rest) : open.call(this, 'GET', turned ? answer.location : fake, ...rest);
  };

  if (!lies) return;
  const beacon = navigator.sendBeacon.bind(navigator);
  navigator.sendBeacon = (url, data) => {
    if (!hit('POST', url)) return beacon(url, data);
    fired();
    return true;
  };
  const went = () => {
    fired();
    if (turned) return location.assign(answer.location);
    document.open();
    document.write(answer.body);
    document.close();
  };
  const {submit} = HTMLFormElement.prototype;
  HTMLFormElement.prototype.submit = function () {
    return hit(this.method, this.action) ? went() : submit.call(this);
  };
  addEventListener('submit', event => {
    const form = event.target, by = event.submitter;
    if (event.defaultPrevented || !hit(by?.getAttribute('formmethod') || form.method, by?.getAttribute('formaction') || form.getAttribute('action') || location.href)) return;
    event.preventDefault();
    went();
  });
}
