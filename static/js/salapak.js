// Everything here only adds speed; each page is right without it.
(() => {
  const each = (root, selector, act) => root.querySelectorAll(selector).forEach(act);

  // what is of use only with this script shows up with it; again in each part that htmx puts in
  const ready = root => {
    each(root, '[data-stepper] button, [data-print]', button => { button.hidden = false; });
    each(root, '[data-focus]', summary => summary.focus());
    each(root, '[data-count]', field => count(field));
  };

  const count = field => {
    const out = document.getElementById(field.dataset.count);
    if (out) out.textContent = (field.dataset.words || '{n} / {most}').replace('{n}', field.value.length).replace('{most}', field.maxLength);
  };

  const step = button => {
    const box = button.closest('[data-stepper]'), input = box.querySelector('input');
    if (button === box.querySelector('button')) input.stepDown(); else input.stepUp();
    input.dispatchEvent(new Event('change', { bubbles: true }));
  };

  const ask = (link, event) => {
    const dialog = document.getElementById(link.dataset.dialog);
    if (dialog && dialog.showModal) { event.preventDefault(); dialog.showModal(); }
  };

  // show what was chosen before it is sent: pictures as pictures, other files by name
  const preview = input => {
    const list = input.closest('[data-drop]').querySelector('.shots');
    list.replaceChildren();
    for (const file of input.files) {
      const row = document.createElement('li'), name = document.createElement('span');
      name.className = 'small soft';
      name.textContent = file.name;
      if (file.type.startsWith('image/')) {
        const picture = document.createElement('img'), reader = new FileReader();
        picture.alt = '';
        reader.addEventListener('load', () => { picture.src = reader.result; });
        reader.readAsDataURL(file);
        row.append(picture);
      }
      row.append(name);
      list.append(row);
    }
    list.hidden = !input.files.length;
  };

  // sort a table where it stands; the links in its head do the same on the server
  const sort = (link, event) => {
    event.preventDefault();
    const head = link.closest('th'), body = head.closest('table').tBodies[0], column = head.cellIndex;
    const down = head.getAttribute('aria-sort') !== 'descending';
    head.parentNode.querySelectorAll('[aria-sort]').forEach(other => other.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const value = row => { const cell = row.cells[column]; return cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v); };
    const before = (a, b) => typeof a === 'number' ? a - b : a.localeCompare(b, document.documentElement.lang);
    [...body.rows].sort((a, b) => before(value(a), value(b)) * (down ? -1 : 1)).forEach(row => body.append(row));
  };

  document.addEventListener('click', event => {
    const at = selector => event.target.closest(selector);
    if (at('[data-stepper] button')) step(at('[data-stepper] button'));
    else if (at('[data-dialog]')) ask(at('[data-dialog]'), event);
    else if (at('[data-close]')) at('dialog').close();
    else if (at('[data-print]')) print();
    else if (at('table[data-sort] thead a')) sort(at('table[data-sort] thead a'), event);
    // a menu that stands open closes when one goes elsewhere
    each(document, '.bar-more[open]', menu => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener('input', event => { if (event.target.matches('[data-count]')) count(event.target); });
  document.addEventListener('change', event => { if (event.target.matches('[data-drop] input[type=file]')) preview(event.target); });
  document.addEventListener('htmx:load', event => ready(event.target));
  ready(document);
})();
