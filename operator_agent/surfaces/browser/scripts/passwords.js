() => {
  const tidy = text => text.replace(/[\u200b\u00ad]/g, '').trim().replace(/\s+/g, ' ');
  const found = [];
  const seek = root => {
    for (const element of root.querySelectorAll('*')) {
      const isPassword = element.localName === 'input' && element.type === 'password';
      if (isPassword) found.push([tidy(element.value), element.getClientRects().length > 0]);
      if (element.shadowRoot) seek(element.shadowRoot);
    }
  };
  seek(document);
  return found;
}
