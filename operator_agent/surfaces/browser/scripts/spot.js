(element, {x, y, control, beyond}) => {
  // Where a point of `element` (or, without one, of the page) lies in the view, brought there when it is outside of it. `beyond`: it
  // may lie outside of the element, as where a drag ends.
  const place = () => {
    const rect = element ? element.getBoundingClientRect() : {left: -scrollX, top: -scrollY, width: Infinity, height: Infinity};
    return {x: rect.left + x, y: rect.top + y, outside: !beyond && (x < 0 || y < 0 || x > rect.width || y > rect.height)};
  };
  if (element && !element.isConnected) return {state: 'gone'};
  let here = place();
  if (here.outside) return {state: 'outside'};
  if (here.x < 0 || here.y < 0 || here.x >= innerWidth || here.y >= innerHeight) {
    scrollBy({left: here.x - innerWidth / 2, top: here.y - innerHeight / 2, behavior: 'instant'});
    here = place();
  }
  let hit = document.elementFromPoint(here.x, here.y);
  while (hit?.shadowRoot) {
    const inner = hit.shadowRoot.elementFromPoint(here.x, here.y);
    if (!inner || inner === hit) break;
    hit = inner;
  }
  if (!hit) return {state: 'outside'};
  // A grip says by its cursor that it moves or resizes what it lies on.
  const grip = /resize|grab|move/.test(getComputedStyle(hit).cursor);
  if (element && !beyond && !grip && !within(hit, element)) return {state: 'covered', by: nameIt(hit, element)};
  const CONTROLS = 'a[href],button,input,select,textarea,summary,[role=button],[role=link],[role=checkbox],[role=radio],[role=switch],[role=tab],[role=menuitem]';
  for (let node = hit; control && node && node !== element; node = above(node)) if (node.matches(CONTROLS)) return {state: 'control', by: nameIt(node, element)};
  return {state: 'ready', x: here.x, y: here.y};
}
