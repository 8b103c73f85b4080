/** Tables of the page. On a narrow one each row is a card, and every cell carries the name of its column. */
import { html, type Html } from './html.js'

export interface Table {
  readonly caption: string
  /** The first is that of the rows' heads. */
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

export interface Row {
  readonly head: Html
  readonly cells: readonly Cell[]
}

export interface Cell {
  readonly body: Html
  /** How it looks: a class of the style sheet. */
  readonly look?: string
}

export function plain(texts: readonly string[]): readonly Cell[] {
  return texts.map((text) => ({ body: html`${text}` }))
}

/** Roles are named because browsers take a table's own away from what is shown as cards. */
export function table({ caption, columns, rows }: Table): Html {
  return html`<table role="table">
    <caption>
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map((name) => html`<th scope="col" role="columnheader">${name}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map((row) => rowOf(row, columns.slice(1)))}
    </tbody>
  </table>`
}

function rowOf({ head, cells }: Row, names: readonly string[]): Html {
  return html`<tr role="row">
    <th scope="row" role="rowheader">${head}</th>
    ${cells.map(
      ({ body, look = '' }, index) =>
        html`<td role="cell" class="${look}"><span class="label">${names[index] ?? ''}</span> ${body}</td>`,
    )}
  </tr>`
}
