import type { Files, Node } from './files.js'

/** One answer of the host's files. */
export interface Looked {
  readonly node: Node | null
  readonly target: string
  readonly writable: boolean | null
}
export interface Piece {
  readonly path: string
  readonly offset: number
  readonly length: number
  readonly content: Buffer
}

/** Looks at files for others, and remembers all that it saw. */
export class Witness implements Files {
  readonly #files: Files
  readonly #looked = new Map<string, Looked>()
  readonly #pieces: Piece[] = []
  /** Why what was seen cannot be compared later. */
  readonly #doubts: string[] = []

  constructor(files: Files) {
    this.#files = files
  }

  get looked(): ReadonlyMap<string, Looked> {
    return this.#looked
  }
  get pieces(): readonly Piece[] {
    return this.#pieces
  }
  get doubts(): readonly string[] {
    return this.#doubts
  }

  look(path: string): Node | null {
    const node = this.#asked(path, () => this.#files.look(path))
    const known = this.#looked.get(path)
    if (known !== undefined && textOf(known.node) !== textOf(node)) this.#doubts.push(`${path} changes`)
    if (known === undefined) this.#looked.set(path, { node, target: '', writable: null })
    return node
  }

  target(path: string): string {
    const target = this.#asked(path, () => this.#files.target(path))
    this.#add(path, { target })
    return target
  }

  mayWrite(path: string): boolean {
    const writable = this.#asked(path, () => this.#files.mayWrite(path))
    this.#add(path, { writable })
    return writable
  }

  read(path: string, length: number): Buffer {
    const content = this.#asked(path, () => this.#files.read(path, length))
    const again = this.#files.piece(path, 0, length)
    // A pipe gives what it has once.
    if (again?.equals(content) !== true) this.#doubts.push(`${path} cannot be read again`)
    this.#note({ path, offset: 0, length, content })
    return content
  }

  piece(path: string, offset: number, length: number): Buffer | null {
    const content = this.#asked(path, () => this.#files.piece(path, offset, length))
    if (content === null) this.#doubts.push(`${path} cannot be read`)
    else this.#note({ path, offset, length, content })
    return content
  }

  /** Once: it is compared at every start. */
  #note(piece: Piece): void {
    const known = this.#pieces.find(({ path, offset, length }) => {
      return path === piece.path && offset === piece.offset && length === piece.length
    })
    if (known === undefined) this.#pieces.push(piece)
    else if (!known.content.equals(piece.content)) this.#doubts.push(`${piece.path} changes`)
  }

  #add(path: string, more: Partial<Looked>): void {
    const known = this.#looked.get(path) ?? { node: this.look(path), target: '', writable: null }
    this.#looked.set(path, { ...known, ...more })
  }

  /** What throws ends the run, or is passed over: either way it was no answer that could be compared. */
  #asked<T>(path: string, ask: () => T): T {
    try {
      return ask()
    } catch (error) {
      this.#doubts.push(`${path} cannot be looked at`)
      throw error
    }
  }
}

/** Links of a directory are what it has subdirectories, which come and go. */
function textOf(node: Node | null): string {
  return JSON.stringify(node?.type === 'directory' ? { ...node, links: 0 } : node)
}
