const tidy = text => (text || '').replace(/\s+/g, ' ').trim().slice(0, 60);
const above = node => node.assignedSlot || node.parentElement || (node.getRootNode() instanceof ShadowRoot ? node.getRootNode().host : null);
const within = (node, top) => { for (; node; node = above(node)) if (node === top) return true; return false; };
const roleOf = element => {
  const tag = element.localName, type = (element.type || '').toLowerCase();
  const roles = {dialog: 'dialog', button: 'button', nav: 'navigation', header: 'banner', footer: 'contentinfo', iframe: 'iframe',
                 img: 'img', aside: 'complementary', form: 'form', main: 'main', select: 'combobox', textarea: 'textbox'};
  if (element.getAttribute('role')) return element.getAttribute('role').split(' ')[0];
  if (tag === 'a' && element.hasAttribute('href')) return 'link';
  if (tag === 'input') return ['checkbox', 'radio', 'button'].includes(type) ? type : type === 'submit' ? 'button' : 'textbox';
  return roles[tag] || '';
};
const nameOf = element => {
  const ids = (element.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean);
  const labelled = ids.map(id => element.getRootNode().getElementById?.(id)?.textContent).join(' ');
  const heading = element.querySelector?.('h1,h2,h3,h4,h5,h6,[role=heading]');
  return tidy(labelled) || tidy(element.getAttribute('aria-label')) || tidy(element.getAttribute('title')) ||
    tidy(heading?.textContent) || tidy(element.innerText) || tidy(element.id);
};
const nameIt = (hit, target) => {
  let best = hit, shared = hit;
  while (shared && !within(target, shared)) { if (roleOf(shared)) best = shared; shared = above(shared); }
  if (!roleOf(best)) { for (let up = hit; up && !within(target, up); up = above(up)) best = up; }
  const name = nameOf(best);
  return (roleOf(best) || best.localName) + (name ? ` "${name}"` : '');
};
