options => options.map(option => {
  const input = option.localName === 'input' ? option : option.querySelector('input');
  const label = option.getAttribute('aria-label') || (option.localName === 'input' ? option.labels?.[0]?.innerText || option.value : option.innerText || option.textContent);
  const style = getComputedStyle(option);
  return {text: (label || '').replace(/\s+/g, ' ').trim(),
    selected: option.getAttribute('aria-selected') === 'true' || option.getAttribute('aria-checked') === 'true' || input?.checked === true,
    disabled: option.getAttribute('aria-disabled') === 'true' || option.matches(':disabled'),
    shown: option.localName === 'input' || (option.getClientRects().length > 0 && style.visibility === 'visible')};
})
