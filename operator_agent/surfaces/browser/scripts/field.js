field => {
  if (!field.isConnected) return null;
  const style = getComputedStyle(field);
  return {
    disabled: field.matches(':disabled') || field.closest('[aria-disabled=true],[inert]') !== null,
    readonly: field.readOnly === true || field.getAttribute('aria-readonly') === 'true',
    hidden: field.getClientRects().length === 0 || style.visibility !== 'visible',
    type: field.localName === 'input' ? field.type : field.isContentEditable ? 'contenteditable' : field.localName,
    value: field.value ?? field.innerText ?? '', min: field.min || '', max: field.max || '',
  };
}
