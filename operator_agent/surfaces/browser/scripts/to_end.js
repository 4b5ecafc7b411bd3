field => {
  field.focus();
  if (field.isContentEditable) { getSelection().selectAllChildren(field); getSelection().collapseToEnd(); }
  else try { field.setSelectionRange(field.value.length, field.value.length); } catch { /* number and email fields have no caret to set */ }
  return true;
}
