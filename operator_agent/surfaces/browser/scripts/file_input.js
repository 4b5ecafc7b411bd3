element => {
  const is = node => node?.localName === 'input' && node.type === 'file';
  const label = element.closest('label');
  const input = [element, element.control, label?.control, element.querySelector('input[type=file]')].find(is);
  return input ? {accept: input.accept, multiple: input.multiple, disabled: input.matches(':disabled')} : {};
}
