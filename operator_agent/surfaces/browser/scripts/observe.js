limit => new Promise(done => {
  const seen = new MutationObserver(() => { seen.disconnect(); clearTimeout(cap); requestAnimationFrame(tell); fallback = setTimeout(tell, 50); });
  let fallback;
  const tell = () => { clearTimeout(fallback); done(true); };
  const cap = setTimeout(() => { seen.disconnect(); done(false); }, limit);
  const watch = root => {
    seen.observe(root, {subtree: true, childList: true, attributes: true, characterData: true});
    for (const element of root.querySelectorAll('*')) if (element.shadowRoot) watch(element.shadowRoot);
  };
  watch(document);
})
