// Finds what an ARIA snapshot of this document is blind to. Evaluated once per document in the page's own world, with the
// console's getEventListeners; reads only. Gives an object whose look() returns JSON:
//   {path, secrets: [[value, shows]], frames: [[number, x, y, w, h, left, top]],
//    closed, rows: [[kind, inside, parent, box, before, role, name, value, states, placeholder, url, own?, icon?]]}
// `inside` tells what lies in a closed shadow root, `closed` how many of those are known.
// Rows are in document order, ancestors first; a row's number is its node's handle until the next look(). Kinds:
//   up        only there as the parent of others
//   click     takes the pointer though its role does not say so
//   proxy     a label that stands for an input that is not rendered; the row tells of the input
//   stands    shows (or is reached) in place of an element without a box, whose empty box is `own`
//   summary, edit, value   a disclosure's button, an editing host, a field whose value the snapshot leaves out
//   thumb     the handle of a hand-made slider
//   inner, part, text      something of a closed shadow root: to act on, to read, a run of text
(listenersOf, MASK) => {
  'use strict';
  const POINTER_EVENTS = new Set(['click', 'dblclick', 'mousedown', 'mouseup', 'pointerdown', 'pointerup', 'touchstart', 'touchend',
    'contextmenu', 'dragstart']);
  const ACTIVE_ROLES = new Set(['button', 'checkbox', 'combobox', 'link', 'listbox', 'menuitem', 'menuitemcheckbox', 'menuitemradio', 'option',
    'radio', 'searchbox', 'slider', 'spinbutton', 'switch', 'tab', 'textbox', 'treeitem']);
  const NATIVE = new Set(['button', 'input', 'select', 'textarea', 'option', 'optgroup']);
  const WITH_ICON = new Set(['button', 'a']);
  const SILENT = new Set(['html', 'body', 'head', 'script', 'style', 'link', 'meta', 'title', 'template', 'noscript', 'br', 'slot']);
  const BY_TAG = {button: 'button', summary: 'button', textarea: 'textbox', option: 'option', img: 'img', svg: 'img', canvas: 'canvas',
    li: 'listitem', h1: 'heading', h2: 'heading', h3: 'heading', h4: 'heading', h5: 'heading', h6: 'heading', td: 'cell', th: 'columnheader',
    label: 'generic', p: 'paragraph'};
  const BY_TYPE = {checkbox: 'checkbox', radio: 'radio', range: 'slider', number: 'spinbutton', search: 'searchbox', button: 'button',
    submit: 'button', reset: 'button', image: 'button', file: 'button'};
  const LONGEST = 300;

  let nodes = [], rows = [], rowOf = new Map(), frames = [], secrets = [], inside = false, closedRoots = [];

  const tidy = text => (text || '').replace(/[\u200b\u00ad]/g, '').replace(/\s+/g, ' ').trim();
  // What a control that says nothing calls itself: by its picture's file, its symbol, or its own and its icon's class words.
  const iconOf = element => {
    const icon = element.querySelector('use,img,i,svg,span') || element, words = [];
    const linked = icon.getAttribute('href') || icon.getAttribute('xlink:href') || icon.getAttribute('src') || '';
    if (linked && !linked.startsWith('data:')) words.push(linked.split('#').pop().split('?')[0].split('/').pop().replace(/\.\w+$/, ''));
    for (const each of new Set([element, icon])) {
      words.push(each.getAttribute('data-action') || '', each.getAttribute('data-icon') || '', ...[].slice.call(each.classList, 0, 6), each.id);
    }
    return tidy(words.join(' ')).slice(0, 120);
  };
  const parentOf = element => element.assignedSlot || element.parentElement || element.getRootNode().host || null;
  const explicitRole = element => tidy(element.getAttribute('role')).split(' ')[0];
  const isNative = element => NATIVE.has(element.localName) || (element.localName === 'a' && element.hasAttribute('href')) ||
    ACTIVE_ROLES.has(explicitRole(element));
  const isEditable = element => element.isContentEditable && !parentOf(element)?.isContentEditable;
  const isVisible = element => element.checkVisibility({checkVisibilityCSS: true, contentVisibilityAuto: false});

  const roleOf = element => {
    const said = explicitRole(element), tag = element.localName;
    if (said) return said;
    if (tag === 'a') return element.hasAttribute('href') ? 'link' : 'generic';
    if (tag === 'input') return BY_TYPE[element.type] || (element.hasAttribute('list') ? 'combobox' : 'textbox');
    if (tag === 'select') return element.multiple || element.size > 1 ? 'listbox' : 'combobox';
    return isEditable(element) ? 'textbox' : BY_TAG[tag] || 'generic';
  };
  const contentName = element => {
    const text = element.textContent;
    if (text.length > 4 * LONGEST) return '';
    const shown = tidy(element.childElementCount ? element.innerText ?? text : text);
    if (shown) return shown.length > LONGEST ? '' : shown;
    const image = element.querySelector('img[alt],svg[aria-label],[aria-label]');
    return image ? tidy(image.getAttribute('aria-label') || image.getAttribute('alt')) : tidy(element.querySelector('svg > title')?.textContent);
  };
  const nameOf = (element, byContent) => {
    const ids = tidy(element.getAttribute('aria-labelledby')).split(' ').filter(Boolean);
    const labelled = tidy(ids.map(id => element.getRootNode().getElementById(id)?.textContent).join(' '));
    const name = labelled || tidy(element.getAttribute('aria-label')) ||
      tidy([].map.call(element.labels || [], label => label.innerText ?? label.textContent).join(' ')) || tidy(element.getAttribute('alt'));
    if (name) return name;
    if (element.localName === 'input' && ['button', 'submit', 'reset'].includes(element.type) && element.value) return tidy(element.value);
    if (byContent) { const content = contentName(element); if (content) return content; }
    return tidy(element.getAttribute('title')) || tidy(element.getAttribute('placeholder'));
  };
  const valueOf = element => {
    if (element.localName === 'select') return [].map.call(element.selectedOptions, option => tidy(option.label)).join(', ');
    if (element.localName === 'input') {
      if (['checkbox', 'radio', 'button', 'submit', 'reset', 'image', 'file'].includes(element.type)) return '';
      return element.type === 'password' ? (element.value ? MASK : '') : tidy(element.value);
    }
    if (element.localName === 'textarea') return tidy(element.value);
    return isEditable(element) ? tidy(element.innerText) : '';
  };
  const statesOf = element => {
    const states = [], aria = name => element.getAttribute('aria-' + name);
    const checked = element.indeterminate ? 'mixed' : element.localName === 'input' ? String(element.checked) : aria('checked');
    if (checked === 'mixed') states.push('checked=mixed'); else if (checked === 'true') states.push('checked');
    if (element.matches(':disabled') || aria('disabled') === 'true') states.push('disabled');
    if (aria('expanded') === 'true' || (element.localName === 'summary' && element.parentElement?.open)) states.push('expanded');
    if (/^h[1-6]$/.test(element.localName)) states.push('level=' + element.localName[1]);
    if (aria('pressed') === 'true') states.push('pressed');
    if (element.selected || aria('selected') === 'true') states.push('selected');
    return states;
  };
  const rectOf = node => {
    const rect = node.getBoundingClientRect();
    return [Math.round(rect.x), Math.round(rect.y), Math.round(rect.width), Math.round(rect.height)];
  };
  // Whether scrolling, also of boxes around, brings it into the view: what is left of or above all of that is hidden there.
  const isReachable = (element, rect) => {
    let right = rect.right + scrollX, bottom = rect.bottom + scrollY;
    for (let up = parentOf(element); up && (right <= 0 || bottom <= 0); up = parentOf(up)) {
      if (up !== document.scrollingElement) { right += up.scrollLeft; bottom += up.scrollTop; }
    }
    return right > 0 && bottom > 0;
  };
  // Where an element shows: its own box, or when that is empty (all content floats or is positioned) that of something in it.
  const shownRect = element => {
    if (!isVisible(element)) return null;
    const own = element.getBoundingClientRect();
    if (own.width > 0 && own.height > 0) return isReachable(element, own) ? rectOf(element) : null;
    for (const inner of [].slice.call(element.querySelectorAll('*'), 0, 20)) {
      const rect = inner.getBoundingClientRect();
      if (rect.width > 0 && rect.height > 0 && isVisible(inner)) return rectOf(inner);
    }
    return null;
  };
  // Whether its middle lies outside of a scrolling box around it.
  const isClipped = (element, rect) => {
    const x = rect[0] + rect[2] / 2, y = rect[1] + rect[3] / 2;
    for (let up = parentOf(element); up && up.localName !== 'body'; up = parentOf(up)) {
      if (getComputedStyle(up).overflow === 'visible') continue;
      const box = up.getBoundingClientRect();
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) return true;
    }
    return false;
  };
  const before = element => {
    let sibling = element.previousElementSibling;
    for (let tries = 0; sibling && tries < 4; tries++, sibling = sibling.previousElementSibling) {
      const rect = rectOf(sibling);
      if (rect[2] && rect[3]) return rect;
    }
    return null;
  };
  const anchor = element => {
    if (!element || element.localName === 'html' || element.localName === 'body') return -1;
    const known = rowOf.get(element);
    return known !== undefined ? known : push(element, 'up', rectOf(element), before(element), []);
  };
  const push = (node, kind, rect, previous, rest) => {
    const parent = anchor(parentOf(node));
    rows.push([kind, inside, parent, rect, previous, ...rest]);
    nodes.push(node);
    rowOf.set(node, rows.length - 1);
    return rows.length - 1;
  };
  const add = (element, kind, rect, {about = element, name} = {}) => {
    const role = roleOf(about);
    const byContent = !['textbox', 'searchbox', 'combobox', 'listbox', 'spinbutton', 'slider', 'img'].includes(role) || element !== about;
    const said = name ?? nameOf(about, byContent);
    push(element, kind, rect, before(element), [role, said, valueOf(about), statesOf(about),
      about.getAttribute('placeholder') || '', (role === 'link' && about.getAttribute('href')) || '']);
    // A picture that is more than an icon is content.
    if (!said && (kind === 'click' || kind === 'inner') && rect[2] <= 64 && rect[3] <= 64) rows[rows.length - 1].push(null, iconOf(element));
  };

  // An input that does not show itself, and the label that stands for it.
  const addProxied = input => {
    for (const label of input.labels || []) {
      const rect = shownRect(label);
      if (!rect) continue;
      const own = rectOf(input);
      add(label, isVisible(input) ? 'stands' : 'proxy', rect, {about: input, name: nameOf(input, false) || contentName(label)});
      rows[rows.length - 1].push(own);
      return;
    }
  };
  const addNative = element => {
    const tag = element.localName;
    if (tag === 'optgroup' || (tag === 'option' && !inside) || (tag === 'input' && element.type === 'hidden')) return;
    if (element.type === 'password' && !inside) secrets.push([tidy(element.value), element.getClientRects().length > 0]);
    const rect = element.getBoundingClientRect(), shows = rect.width > 0 && rect.height > 0 && isVisible(element);
    if (!shows && tag === 'input') return addProxied(element);
    if (inside) { if (shows) add(element, 'inner', rectOf(element)); return; }
    if (!shows && tag !== 'select') {
      const inner = shownRect(element);
      if (inner) { add(element, 'stands', inner); rows[rows.length - 1].push(rectOf(element)); } else if (element.closest('canvas')) addFallback(element);
      return;
    }
    // The snapshot leaves a value out that equals the field's name.
    if ((tag === 'input' || tag === 'textarea') && element.value && !(element.type in BY_TYPE && BY_TYPE[element.type] === 'button')) {
      const value = valueOf(element);
      if (value && value !== MASK && value === nameOf(element, false)) add(element, 'value', rectOf(element));
    } else if (isEditable(element)) add(element, 'edit', rectOf(element));
    else if (shows && WITH_ICON.has(tag) && !tidy(element.textContent) && (element.title || !nameOf(element, true))) add(element, 'click', rectOf(element));
  };
  // Fallback content of a canvas has no box; it is reached with the keyboard.
  const addFallback = element => {
    if (!isVisible(element.closest('canvas'))) return;
    add(element, 'stands', rectOf(element.closest('canvas')));
    rows[rows.length - 1].push(rectOf(element));
  };
  const hears = element => {
    for (const kind in listenersOf(element)) if (POINTER_EVENTS.has(kind)) return true;
    return false;
  };
  const insideNative = element => {
    for (let up = parentOf(element); up; up = parentOf(up)) if (isNative(up) || up.localName === 'summary') return true;
    return false;
  };
  // A thumb on a track that is neither said to be one: small, without text, laid on something much longer, and it takes the keyboard.
  const isThumb = element => {
    const track = parentOf(element);
    if (element.tabIndex < 0 || explicitRole(element) || !track || getComputedStyle(element).position !== 'absolute' || tidy(element.textContent)) return false;
    const own = rectOf(element), whole = rectOf(track), long = Math.max(whole[2], whole[3]), short = Math.min(whole[2], whole[3]);
    const fits = own[2] > 0 && Math.max(own[2], own[3]) <= 48 && long >= 3 * Math.max(own[2], own[3]) && short <= 48;
    return fits && ['keydown', 'keyup', 'keypress'].some(kind => [element, track].some(one => kind in listenersOf(one)));
  };
  const addTexts = root => {
    const holder = root.nodeType === 11 ? root.host : root;
    if (isNative(holder) || insideNative(holder) || !isVisible(holder)) return;
    const text = tidy([].filter.call(root.childNodes, node => node.nodeType === 3).map(node => node.nodeValue).join(' '));
    if (!text) return;
    rows.push(['text', inside, anchor(holder), rectOf(holder), null, 'text', '', text, [], '', '']);
    nodes.push(holder);
  };
  const isNamed = element => rowOf.has(element) && !!rows[rowOf.get(element)][6];

  const visit = (element, pointing) => {
    const tag = element.localName;
    if (SILENT.has(tag)) {
      if (tag === 'body' && getComputedStyle(element).cursor === 'pointer') pointing.add(element);
      return;
    }
    if (tag === 'iframe' || tag === 'frame') return frames.push(element);
    const points = getComputedStyle(element).cursor === 'pointer';
    if (points) pointing.add(element);
    if (!inside && isThumb(element)) return push(element, 'thumb', rectOf(element), before(element), ['slider', nameOf(element, false), '', statesOf(element), '', '']);
    if (isNative(element)) return addNative(element);
    if (tag === 'summary' && element.parentElement?.localName === 'details') { const rect = shownRect(element); return rect && add(element, 'summary', rect); }
    if (element.isContentEditable) { if (isEditable(element) && shownRect(element)) add(element, 'edit', shownRect(element)); return; }
    const listens = hears(element);
    const leads = points && !pointing.has(parentOf(element)) && !(tag === 'label' && element.control) && !insideNative(element);
    if (!listens && !leads && !((tag === 'video' || tag === 'audio') && element.controls)) {
      if (inside && BY_TAG[tag] && tag !== 'label' && isVisible(element)) add(element, 'part', rectOf(element), {name: tag === 'p' || tag === 'li' ? '' : undefined});
      return;
    }
    if (getComputedStyle(element).pointerEvents === 'none') return;
    const rect = shownRect(element);
    if (rect) add(element, inside ? 'inner' : 'click', rect);
  };
  const walk = (root, pointing) => {
    if (inside && root.nodeType === 11) addTexts(root);
    for (const element of root.querySelectorAll('*')) {
      visit(element, pointing);
      if (inside && !SILENT.has(element.localName) && !isNamed(element)) addTexts(element);
      if (element.shadowRoot) walk(element.shadowRoot, pointing);
    }
  };
  const path = () => {
    const steps = [];
    for (let here = window; here !== here.parent; here = here.parent) {
      let number = here.parent.length - 1;
      while (number >= 0 && here.parent[number] !== here) number--;
      steps.unshift(number);
    }
    return steps;
  };
  const placeOf = frame => {
    const style = getComputedStyle(frame), inner = side => parseFloat(style['padding' + side]) || 0;
    let number = window.length - 1;
    while (number >= 0 && window[number] !== frame.contentWindow) number--;
    return [number, ...rectOf(frame), frame.clientLeft + inner('Left'), frame.clientTop + inner('Top')];
  };
  const deepest = (x, y) => {
    let hit = document.elementFromPoint(x, y);
    while (hit?.shadowRoot) {
      const inner = hit.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner === hit) break;
      hit = inner;
    }
    return hit;
  };
  const DEFAULTS = 'a[href],area[href],input,select,textarea,summary,label,option,[popovertarget],[commandfor],video[controls],audio[controls],iframe';
  // One function that captures every kind of pointer event on the window watches what happens there (Playwright and our own
  // aiming do so); it is not what the page does on a click.
  const windowHears = () => {
    const kindsOf = new Map(), all = listenersOf(window);
    for (const kind in all) for (const {listener, useCapture} of all[kind]) if (useCapture) kindsOf.set(listener, (kindsOf.get(listener) || 0) + 1);
    for (const kind in all) if (POINTER_EVENTS.has(kind)) for (const {listener} of all[kind]) if (!(kindsOf.get(listener) >= 6)) return true;
    return false;
  };
  const reacts = start => {
    for (let node = start; node; node = parentOf(node)) {
      if (node.matches(DEFAULTS) || node.isContentEditable || (node.localName === 'button' && node.form && node.type !== 'button') || hears(node)) return true;
    }
    return hears(document) || windowHears();
  };
  const look = () => {
    nodes = []; rows = []; frames = []; secrets = []; rowOf = new Map();
    closedRoots = closedRoots.filter(root => root.isConnected);
    walk(document, new Set());
    inside = true;
    for (const root of closedRoots) walk(root, new Set());
    inside = false;
    return JSON.stringify({path: path(), secrets, frames: frames.map(placeOf), closed: closedRoots.length, rows});
  };
  return {
    document: () => document,
    path,
    look,
    // The same, after learning of closed shadow roots, each by a node in it.
    lookInside: (...known) => {
      const roots = new Set([...closedRoots, ...known.map(node => node.getRootNode())]);
      closedRoots = [...roots].filter(root => root.host && root.host.shadowRoot !== root);
      return look();
    },
    // Brings it into view. Frames around that live in other processes follow only later: then painted() before aim().
    scroll: number => {
      const node = nodes[number], rect = node?.isConnected && shownRect(node);
      const within = rect && rect[0] >= 0 && rect[1] >= 0 && rect[0] + rect[2] <= innerWidth && rect[1] + rect[3] <= innerHeight &&
        !isClipped(node, rect);
      if (rect && window !== parent) node.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
      else if (rect && !within) node.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
    },
    painted: () => new Promise(done => { requestAnimationFrame(() => requestAnimationFrame(done)); setTimeout(done, 150); }),
    aim: number => {
      const node = nodes[number];
      if (!node?.isConnected) return {state: 'gone'};
      const rect = shownRect(node);
      if (!rect) return {state: 'hidden'};
      const x = (Math.max(rect[0], 0) + Math.min(rect[0] + rect[2], innerWidth)) / 2;
      const y = (Math.max(rect[1], 0) + Math.min(rect[1] + rect[3], innerHeight)) / 2;
      const hit = node.getRootNode().elementFromPoint(x, y);
      let up = hit;
      while (up && up !== node && !(up.localName === 'label' && up.control === node)) up = parentOf(up);
      const by = up || !hit ? '' : `${roleOf(hit)} ${nameOf(hit, true) || hit.id}`.trim();
      return {state: node.matches(':disabled') ? 'disabled' : up ? 'ready' : 'covered', x, y, rect, by};
    },
    // Puts the focus there with everything selected, so that what is inserted replaces it.
    focus: number => {
      const node = nodes[number];
      if (!node?.isConnected) return false;
      node.focus();
      if (node.select) node.select(); else if (node.isContentEditable) getSelection().selectAllChildren(node);
      return node.getRootNode().activeElement === node;
    },
    read: number => {
      const node = nodes[number];
      return node?.isConnected ? {value: valueOf(node.control || node), states: statesOf(node.control || node)} : null;
    },
    frame: number => frames.map(placeOf).find(place => place[0] === number) || null,
    reactsAt: (x, y) => { const hit = deepest(x, y); return !!hit && reacts(hit); },
    reacts: number => !!nodes[number]?.isConnected && reacts(nodes[number]),
    frameAt: (x, y) => {
      const hit = deepest(x, y);
      if (!hit || (hit.localName !== 'iframe' && hit.localName !== 'frame')) return null;
      const rect = hit.getBoundingClientRect(), [number, , , , , left, top] = placeOf(hit);
      return [number, rect.left + left, rect.top + top];
    },
  };
}
