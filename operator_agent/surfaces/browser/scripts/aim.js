(element, {keep, arm, seek}) => {
  if (!element.isConnected) return {state: 'gone'};
  const deepest = (x, y) => {
    let hit = document.elementFromPoint(x, y);
    while (hit?.shadowRoot) { const inner = hit.shadowRoot.elementFromPoint(x, y); if (!inner || inner === hit) break; hit = inner; }
    return hit;
  };
  const up = test => { for (let node = element; node; node = above(node)) if (test(node)) return node; return null; };
  if (element.matches(':disabled') || up(node => node.getAttribute('aria-disabled') === 'true' || node.hasAttribute('inert')))
    return {state: 'disabled'};
  const partners = [element, ...(element.labels || [])];
  const sized = rects => [...rects].filter(rect => rect.width > 0 && rect.height > 0);
  const rects = () => {
    const found = partners.flatMap(partner => sized(partner.getClientRects()));
    if (found.length || getComputedStyle(element).display !== 'contents') return found;
    const range = document.createRange();
    range.selectNodeContents(element);
    return sized(range.getClientRects());
  };
  const style = getComputedStyle(element);
  if (!rects().length || (partners.length === 1 && style.visibility !== 'visible')) return {state: 'hidden'};
  const moving = document.getAnimations().find(animation => animation.playState === 'running' && animation.effect?.target &&
    animation.effect.getTiming().iterations !== Infinity && within(element, animation.effect.target) &&
    animation.effect.getKeyframes().some(frame => ['transform', 'translate', 'scale', 'rotate', 'top', 'left', 'right', 'bottom', 'width',
      'height', 'marginTop', 'marginLeft'].some(key => key in frame)));
  if (moving) return {state: 'moving'};
  const active = 'a[href],button,input,select,textarea,summary,label,[role=button],[role=link],[role=checkbox],[role=menuitem],[onclick]';
  const accepted = hit => partners.some(partner => within(hit, partner));
  const clean = hit => {
    for (let node = hit; node && node !== element; node = above(node)) if (node.matches(active) && !partners.includes(node)) return false;
    return true;
  };
  const pick = () => {
    let second = null, cover = null;
    for (const rect of [...rects(), element.getBoundingClientRect()]) {
      const left = Math.max(rect.left, 0), top = Math.max(rect.top, 0);
      const right = Math.min(rect.right, innerWidth), bottom = Math.min(rect.bottom, innerHeight);
      if (right - left < 1 || bottom - top < 1) continue;
      for (const [fx, fy] of [[.5, .5], [.25, .5], [.75, .5], [.5, .25], [.5, .75], [.1, .1], [.9, .1], [.1, .9], [.9, .9]]) {
        const x = left + (right - left) * fx, y = top + (bottom - top) * fy;
        const hit = deepest(x, y);
        if (!hit) continue;
        if (!accepted(hit)) { cover = cover || hit; continue; }
        if (clean(hit)) return {x, y};
        second = second || {x, y};
      }
    }
    return second || {cover};
  };
  if (window !== window.parent) element.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
  let found = pick();
  for (const block of seek ? ['center', 'end', 'start', 'center'] : []) {
    if (found.x !== undefined) break;
    element.scrollIntoView({block, inline: 'center', behavior: 'instant'});
    const again = pick();
    found = again.x !== undefined || again.cover ? again : found;
  }
  const rect = element.getBoundingClientRect();
  const box = [rect.left, rect.top, rect.width, rect.height];
  if (found.x === undefined) {
    if (style.pointerEvents === 'none') return {state: 'disabled', why: 'it does not take the pointer'};
    return found.cover ? {state: 'covered', by: nameIt(found.cover, element), box} : {state: 'hidden'};
  }
  const native = up(node => node.matches('a[href],area[href],input,select,textarea,summary,label,option,[contenteditable],[onclick],' +
    '[popovertarget],[commandfor],video[controls],audio[controls]') || (node.localName === 'button' && node.form && node.type !== 'button') ||
    node.onclick || node.onmousedown || node.onpointerdown);
  if (arm === 'always' || (arm === 'native' && native)) {
    keep.guard?.stop();
    const kinds = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click', 'auxclick', 'dblclick', 'contextmenu'];
    const guard = {reached: false, missed: ''};
    const judge = event => {
      if (!event.isTrusted) return;
      if (!guard.reached && !guard.missed && event.type.endsWith('down')) {
        const path = event.composedPath();
        if (partners.some(partner => path.includes(partner))) guard.reached = true;
        else guard.missed = element.isConnected ? nameIt(path[0], element) : 'gone';
      }
      if (guard.missed) { event.preventDefault(); event.stopImmediatePropagation(); }
    };
    guard.stop = () => { for (const kind of kinds) window.removeEventListener(kind, judge, true); return {reached: guard.reached, missed: guard.missed}; };
    for (const kind of kinds) window.addEventListener(kind, judge, true);
    keep.guard = guard;
  }
  return {state: 'ready', x: found.x, y: found.y, box, native: !!native};
}
