fetch('/slow?s=0').then(() => self.close());
