box => {
  const aria = box.getAttribute('aria-checked') ?? box.getAttribute('aria-pressed') ?? box.getAttribute('aria-selected');
  const native = box.localName === 'input' ? box : box.localName === 'label' ? box.control : null;
  return {checked: native ? native.checked && !native.indeterminate : aria === 'true', radio: native ? native.type === 'radio' : box.getAttribute('role') === 'radio'};
}
