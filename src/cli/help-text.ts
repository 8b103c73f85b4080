/** What `--help` and the man page say: one text for both, a sentence for each thing. */
import { commands, optionsOf, type CommandName, type OptionName } from './command-line.js'
import { wrap } from './wrap.js'

export interface CommandText {
  /** What follows `sandbox-exec`. */
  readonly usage: string
  readonly summary: string
  readonly text: readonly string[]
}

/** What the command as a whole does. */
export const summary = 'run a program inside every layer the kernel offers'

export const commandTexts: Readonly<Record<CommandName, CommandText>> = {
  run: {
    usage: '--policy FILE [OPTION...] -- PROGRAM [ARGUMENT...]',
    summary: 'Run a program under a policy. This is what happens when no command is named.',
    text: [
      'The program sees the files, the endpoints and the system calls that the policy grants, and nothing else. ' +
        'Nothing of Palisade is printed on its standard output or error, and its exit status is handed on.',
      'Or run a plan that `compile` has written: --plan PLAN [-- PROGRAM [ARGUMENT...]].',
      'The plan is kept in $XDG_RUNTIME_DIR/palisade, else $XDG_CACHE_HOME/palisade, else ~/.cache/palisade, sealed with a ' +
        'key that the kernel gives no program in a sandbox. The next start of the same words runs it without Node, while ' +
        'all that it was made from is as it was.',
      "Standard input, output and error are the caller's. PROGRAM without a slash is looked up in the PATH that the " +
        'policy sets, or in the usual directories: never in that of the caller.',
      'When the process that has called it ends, everything inside ends too, and what has not started does not start. It ' +
        'is no command for a set-user-id bit: with the rights of another it refuses to start anything.',
    ],
  },
  check: {
    usage: 'check FILE',
    summary: 'Read a policy with all that it extends, and print the merged policy.',
    text: [
      'Each line ends with the file, line and column that it comes from. Everything that is wrong is told at once.',
      'What is checked is the text, and that the rules of the filter can hold for programs of this machine. It looks at ' +
        'nothing of the host: whether paths, users and names exist, only `run`, `plan` and `explain` find out.',
    ],
  },
  explain: {
    usage: 'explain (--policy FILE [QUESTION] [-- PROGRAM [ARGUMENT...]] | PROMISE)',
    summary: 'Say what a policy allows on this host, which layers carry it, and what would change the answer.',
    text: [
      'QUESTION is a key of the policy (filesystem.read, limits.wall), or one of --path PATH, --connect HOST:PORT and ' +
        '--syscall NAME (or its number). Of a key it tells which layers carry it and what they do for it. Without a question: the ' +
        'whole policy in words, openings first.',
      'An answer is `allowed`, `denied` with the errno that the program finds, `killed`, or `depends` on what no plan ' +
        'knows. The lines below name each layer that decides. `change` is the smallest change that would allow it.',
      'The answers come from the very plan that `run` would perform. The plan depends on the program: name the one ' +
        'that you mean after `--`, or /bin/true stands in for it.',
      'Without a policy, `explain PROMISE` shows what a promise stands for: its effect, the calls, their numbers on each ' +
        'arch, and the conditions on their arguments.',
    ],
  },
  bpf: {
    usage: 'bpf (POLICY | --raw FILE | --import FILE) [--arch ARCH] [--format FORMAT | --try CALL...]',
    summary: 'Show the filter that a policy compiles to, or what it answers to a call.',
    text: [
      'The filter is proven equal to the policy before it is shown. Nothing of this host is looked at: rules that `run` ' +
        'adds where the kernel lacks a right of Landlock, or all endpoints are TCP, are not in it. --try notes where ' +
        'they can change the answer.',
      'With --try: what the filter answers to a call, which words of the policy decide, how many instructions run, ' +
        'whether the kernel remembers the answer instead, and the smallest change that would let the call through. ' +
        'CALL is as in C: `socket(AF_VSOCK, SOCK_STREAM, 0)`. Missing arguments are 0; a number is `#41(...)` or ' +
        '`syscall(41, ...)`. The status is 0 if every CALL is let through, and 1 otherwise.',
      'With --raw: the same for a filter of somebody else, struct sock_filter as --format bin writes. What the kernel ' +
        'would refuse is refused with its reason.',
      'With --import: a policy that does what a seccomp profile of Docker or OCI does, on standard output, and on ' +
        'standard error everything that did not survive. --format oci is the other way.',
    ],
  },
  plan: {
    usage: 'plan --policy FILE [--json] -- PROGRAM [ARGUMENT...]',
    summary: 'Print the steps that the launcher would perform, without performing any.',
    text: ['Each line names the process that performs the step and the policy key that it comes from.'],
  },
  compile: {
    usage: 'compile --policy FILE -o PLAN [--report FD|FILE] -- PROGRAM [ARGUMENT...]',
    summary: 'Write the plan of a run into a file, for --plan.',
    text: [
      'The plan is for this host and this user, in this directory, while all that it was made from is as it is now: the ' +
        'policy and what it extends, variables, the paths that it names, the kernel. Otherwise --plan refuses it and says ' +
        'what has changed. Where the program may write something, the plan must be run by the name that it has here, ' +
        'because that name is protected from the program.',
    ],
  },
  systemd: {
    usage: 'systemd (check UNIT | import UNIT | (unit|install) POLICY -- PROGRAM [ARGUMENT...])',
    summary:
      'Write a unit of systemd for a policy, say which options of a unit would break its sandbox, or make a policy of them.',
    text: [
      '`unit` prints a unit with the name of the policy, hardened by all that does not collide with a sandbox. ' +
        '`install` puts it into /etc/systemd/system, makes its user, and has systemd read it.',
      '`check` names each option that would, with the one fix. UNIT is a file; those of UNIT.d are read too. Its ExecStart= says which policy is meant, and what the two say of ' +
        'notifications, networks and limits is compared. The status is 0 if nothing was found, and 1 otherwise.',
      "`import` prints a policy that does what a unit's own sandboxing does, and on standard error what became of each option: " +
        'kept, stronger in every sandbox, lost, or a matter of the unit.',
    ],
  },
  doctor: {
    usage: 'doctor',
    summary: 'Try every kernel feature that a sandbox needs, and say how to mend what is missing.',
    text: ['The exit status is 0 if nothing that every sandbox needs is missing, and 1 otherwise.'],
  },
  help: {
    usage: 'help [COMMAND]',
    summary: 'Print this text, or that of one command.',
    text: [],
  },
  version: { usage: '--version', summary: 'Print the version.', text: [] },
}

export interface OptionText {
  readonly flags: string
  readonly text: string
}

export const optionTexts: Readonly<Record<OptionName, OptionText>> = {
  policy: { flags: '-p, --policy FILE', text: 'The policy, in YAML or JSON.' },
  report: {
    flags: '--report FD|FILE',
    text:
      'Write a Report as JSON when the program has ended: how it ended, what carried each protection, which limits ' +
      'were hit, and for which call the filter ended it. A number is an open descriptor of the caller.',
  },
  plans: {
    flags: '--plans DIRECTORY',
    text:
      'Keep plans in DIRECTORY (absolute, of the caller, mode 0700), unsealed: for hosts that have no key to seal them ' +
      'with. Never name a directory in which a sandbox may write; this one does not see it.',
  },
  'no-plans': { flags: '--no-plans', text: 'Look for no kept plan, and keep none: every start reads the policy.' },
  plan: {
    flags: '--plan PLAN',
    text:
      'Run a plan that `compile` has written, by the launcher alone: no policy is read, and no Node is started. PROGRAM, ' +
      'if there is one, must be the one that it was compiled for; its arguments stand in place of the compiled ones.',
  },
  output: { flags: '-o, --output PLAN', text: 'The file that gets the plan (mode 0600).' },
  timings: {
    flags: '--timings',
    text: 'Say on standard error, at the end, when each step was done, in microseconds; the Report has it too.',
  },
  json: { flags: '--json', text: 'Print JSON instead of text.' },
  path: {
    flags: '--path PATH',
    text: 'Ask about a file or directory. A relative PATH starts at the working directory inside.',
  },
  access: {
    flags: '--access read|write|exec',
    text:
      'What is to be done to it: to open it for reading (the default) or writing, or to start it. In a directory, or ' +
      'where nothing stands, `write` means to make a file.',
  },
  connect: {
    flags: '--connect HOST:PORT[/udp]',
    text: 'Ask about a TCP connection, or UDP. HOST is a name or an address; [IPv6] in brackets.',
  },
  syscall: { flags: '--syscall NAME', text: 'Ask about a system call, as the kernel spells it.' },
  arch: {
    flags: '--arch ARCH',
    text:
      'Of `explain`: the table that NAME is in. Of `bpf`: the kernel that the filter is for, or the table of CALL. One ' +
      'of x86_64, i386, aarch64, arm, riscv64; the default is that of this machine.',
  },
  format: {
    flags: '--format FORMAT',
    text:
      'text: a listing with comments (the default). c: a definition to include in a program. json: the instructions. ' +
      'bin: struct sock_filter, not to a terminal. oci: a profile for container runtimes.',
  },
  tables: {
    flags: '--tables all|native',
    text:
      'Whether the filter answers calls of the 32-bit table that programs of ARCH reach too, or ends the process at ' +
      'them. The default is all, for --format oci native.',
  },
  try: { flags: '--try CALL', text: 'Say what the filter answers to a call. Can be repeated.' },
  raw: { flags: '--raw FILE', text: 'Take the filter from FILE, an array of struct sock_filter.' },
  import: { flags: '--import FILE', text: 'Make a policy of a seccomp profile of Docker or OCI.' },
  caps: {
    flags: '--caps CAP,...',
    text: 'With --import: the capabilities that parts of the profile ask for. The default is none.',
  },
  log: {
    flags: '--log LEVEL',
    text: 'Print what is done as JSON lines on standard error: error, warn, info, debug, trace.',
  },
  help: { flags: '-h, --help', text: 'Print this text, or that of the command.' },
  version: { flags: '-V, --version', text: 'Print the version.' },
}

export const exitStatuses: readonly (readonly [string, string])[] = [
  ['125', 'Palisade failed: the policy or the command line is wrong, or this host lacks something. PROGRAM never ran.'],
  ['126', 'PROGRAM was found and cannot be executed.'],
  ['127', 'PROGRAM was not found.'],
  ['128+N', 'PROGRAM was ended by signal N: 137 by SIGKILL, 159 by its filter (SIGSYS).'],
  ['other', "PROGRAM's own. A part of Palisade that dies during the run ends it with 125."],
]

export const files: readonly (readonly [string, string])[] = [
  ['$XDG_RUNTIME_DIR/palisade', 'Plans that are kept, or in $XDG_CACHE_HOME/palisade, or in ~/.cache/palisade.'],
  ['policies/*.yaml', 'Policies to start from, in the package.'],
  ['policies/policy.schema.json', 'JSON Schema of a policy, for editors.'],
  ['docs/policy-reference.md', 'Every key of a policy.'],
]

export const examples: readonly (readonly [string, string])[] = [
  [
    'One endpoint by HTTPS, and nothing else:',
    'sandbox-exec --policy single-https.yaml -- curl https://api.example.test/',
  ],
  ['Why can it not write there?', 'sandbox-exec explain --policy app.yaml --path /var/log --access write'],
  [
    'A parser of hostile input, with a Report:',
    'sandbox-exec -p pure-compute.yaml --report 3 -- parser <input 3>report.json',
  ],
]

/** The text of `--help`, of the whole or of one command; lines of at most 80 columns. */
export function helpText(topic: CommandName | null): string {
  return `${(topic === null ? overview() : commandHelp(topic)).join('\n')}\n`
}

function overview(): readonly string[] {
  const others = commands.filter((command) => command !== 'run')
  return [
    `sandbox-exec: ${summary}`,
    '',
    `Usage: sandbox-exec ${commandTexts.run.usage}`,
    ...others
      .map((command) => `       sandbox-exec ${commandTexts[command].usage}`)
      .flatMap((line) => wrap(line, '', 12)),
    '',
    ...commandTexts.run.text.flatMap((text) => wrap(text, '')),
    '',
    'Commands:',
    ...commands.flatMap((command) => entry(command, commandTexts[command].summary, 10)),
    '',
    'Options:',
    ...optionLines(['policy', 'report', 'plans', 'no-plans', 'log', 'help', 'version']),
    '',
    'Exit status:',
    ...exitStatuses.flatMap(([status, text]) => entry(status, text, 10)),
    '',
    'Examples:',
    ...examples.flatMap(([what, line]) => [`  ${what}`, `    ${line}`]),
    '',
    'Files:',
    ...files.flatMap(([file, text]) => entry(file, text, 30)),
  ]
}

function commandHelp(command: CommandName): readonly string[] {
  const { usage, summary: first, text } = commandTexts[command]
  return [
    ...wrap(`Usage: sandbox-exec ${usage}`, '', 7),
    '',
    ...wrap(first, ''),
    ...text.flatMap((paragraph) => ['', ...wrap(paragraph, '')]),
    '',
    'Options:',
    ...optionLines([...optionsOf[command], 'help']),
  ]
}

function optionLines(names: readonly OptionName[]): readonly string[] {
  return names.flatMap((name) => entry(optionTexts[name].flags, optionTexts[name].text, 26))
}

/** A word, and beside it its text in a column of its own. */
function entry(word: string, text: string, column: number): readonly string[] {
  const [first = '', ...more] = wrap(text, ''.padEnd(column + 2))
  return [`  ${word.padEnd(column)}${first.trimStart()}`, ...more]
}
