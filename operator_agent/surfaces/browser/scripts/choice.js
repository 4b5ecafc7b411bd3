field => {
  if (!field.isConnected) return {kind: 'gone'};
  const select = field.localName === 'select' ? field : field.localName === 'label' && field.control?.localName === 'select' ? field.control : null;
  if (select) return {kind: 'native', multiple: select.multiple, disabled: select.matches(':disabled'), options: [...select.options].map(option =>
    ({text: option.label.trim() || option.value, selected: option.selected, disabled: option.disabled || option.parentElement.disabled === true}))};
  const role = field.getAttribute('role');
  const group = role === 'radiogroup' || (field.querySelector('input[type=radio],[role=radio]') && role !== 'listbox');
  if (group) return {kind: 'radios'};
  if (role === 'listbox') return {kind: 'listbox', multiple: field.getAttribute('aria-multiselectable') === 'true'};
  const input = field.localName === 'input' ? field : null;
  return {kind: 'combobox', typed: !!input && !input.readOnly, open: field.getAttribute('aria-expanded') === 'true',
    list: field.getAttribute('list') ? [...(field.list?.options || [])].map(option => option.label || option.value) : null};
}
