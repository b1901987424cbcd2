import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { OwnView } from '../plan/own-view';
import { Belief } from './belief';

/** 'primary 1 2 importing 3 atomic 4', 'replica' of `p`, 'unreadable'; 'unasked' where nobody asked for imports. */
function viewOf(text: string): OwnView | undefined {
  const words = text.split(' ');
  const [role] = words;
  if (role === 'unreadable') return undefined;
  const behind = (name: string) => {
    const rest = words.slice(words.indexOf(name) + 1 || words.length);
    const end = rest.findIndex(word => !Number(word));
    return rest.slice(0, end === -1 ? rest.length : end).map(Number);
  };
  const ranges = (name: string) => behind(name).map(slot => [slot, slot] as const);
  return {
    id: 'n',
    isPrimary: role === 'primary',
    primaryId: role === 'primary' ? undefined : 'p',
    slots: ranges('primary'),
    importing: new Set(behind('importing')),
    atomic: words.includes('unasked') ? undefined : ranges('atomic')
  };
}

/** A belief that writes down what it decides, and what it asks of its host. */
function make() {
  const log: string[] = [];
  const told: string[] = [];
  const onDecided: { run?: () => void } = {};
  const decide = (text: string) => {
    log.push(text);
    onDecided.run?.();
  };
  const belief = new Belief<string>({
    believe: (message, owned) => decide(owned ? message : `${message} imported`),
    hide: message => decide(`${message} hidden`),
    echo: message => decide(`${message} echo`),
    ask: slot => told.push(slot === undefined ? 'ask' : `ask ${slot}`),
    gained: slots => told.push(`gained ${slots.join(' ')}`),
    lost: () => told.push('lost'),
    doubted: slots => told.push(`doubted ${slots.join(' ')}`),
    demoted: primaryId => told.push(`demoted ${primaryId}`)
  });
  /** One step of a stream: `1 a` is the message `a` of slot 1. */
  const run = (step: string) => {
    const [verb, ...words] = step.split(' ');
    const [listed, foreign = ''] = words.join(' ').split(' but ');
    if (verb === 'asked') belief.asked();
    else if (verb === 'answered') belief.answered();
    else if (verb === 'told') belief.view(viewOf(words.join(' ')));
    else if (verb === 'look') for (const part of ['asked', 'answered', `told ${words.join(' ')}`]) run(part);
    else if (verb === 'mark') belief.mark(words.map(Number));
    else if (verb === 'own') belief.own(listed.split(' ').map(Number), new Set(foreign.split(' ')));
    else if (verb === 'disown') belief.disown(words.map(Number));
    else if (verb === 'close') belief.close();
    else belief.said(Number(verb), words[0]);
  };
  const steps = (text: string) => {
    for (const step of text.split(', ')) for (const one of (BEGINNINGS[step] ?? step).split(', ')) run(one);
  };
  return { belief, log, told, steps, onDecided };
}

/** How it is when the first message comes. */
const BEGINNINGS: Readonly<Record<string, string>> = {
  primary: 'look primary 1 2, own 1 2',
  replica: 'look replica'
};

describe('a slot may be the own of a node', () => {
  const mayOwn = (stream: string) => {
    const { belief, steps } = make();
    steps(stream);
    return [1, 2, 3].filter(slot => belief.mayOwn(slot)).join(' ');
  };

  it('until it says that it has lost it, by a mark or an answer', () => {
    assert.equal(mayOwn('primary'), '1 2');
    assert.equal(mayOwn('primary, mark 1'), '2');
    assert.equal(mayOwn('primary, look primary 2'), '2');
  });

  it('when it is gaining or importing it, or does not say anything any more', () => {
    assert.equal(mayOwn('look primary 1 2'), '1 2');
    assert.equal(mayOwn('primary, look primary 1 2 importing 3'), '1 2 3');
    assert.equal(mayOwn('primary, disown 1 2'), '1 2');
    assert.equal(mayOwn('primary, disown 1 2, look primary 2'), '2');
  });

  it('when it has not said that it is a primary: others may take it for one', () => {
    assert.equal(mayOwn('1 a'), '1 2 3');
    assert.equal(mayOwn('primary, look replica'), '1 2 3');
  });
});

type Case = readonly [title: string, stream: string, decided: string];

const SUITES: Readonly<Record<string, readonly Case[]>> = {
  'as an owner': [
    ['is believed at once', 'primary, 1 a, 2 b, 1 c', 'a, b, c'],
    ['is believed after each view that says so, too', 'primary, 1 a, look primary 1 2, 1 b', 'a, b'],
    ['is held while a question is open', 'primary, asked, 1 a, answered, 1 b', ''],
    ['is believed when the answer is told', 'primary, asked, 1 a, answered, 1 b, told primary 1 2, 1 c', 'a, b, c'],
    [
      'is believed with the first answer to a later question, if others are open',
      'primary, asked, answered, asked, 1 a, answered, told primary 1 2',
      'a'
    ],
    [
      'is held before the first view, and until what others said has been read',
      '1 a, look primary 1, 1 b, own 1',
      'a imported, b'
    ]
  ],
  'of a slot that it imports by the atomic way': [
    ['is hidden', 'primary, 3 a, 3 b, look primary 1 2 atomic 3', 'a hidden, b hidden'],
    [
      'is held when it was said after the question',
      'primary, 3 a, asked, 3 b, answered, 3 c, told primary 1 2 atomic 3',
      'a hidden'
    ],
    [
      'is hidden by the next answer then',
      'primary, asked, answered, 3 a, told primary 1 2 atomic 3, look primary 1 2 atomic 3',
      'a hidden'
    ],
    ['is held when nobody asked whether it does', 'primary, 3 a, look primary 1 2 unasked', ''],
    ['does not make what it says of others wait', 'primary, 3 a, 1 b', 'b']
  ],
  'of a slot that was its own in between': [
    ['is believed, as of no owner', 'primary, 3 a, look primary 1 2', 'a imported'],
    ['is held when it was said after the question', 'primary, asked, 3 a, answered, 3 b, told primary 1 2', ''],
    [
      'is believed by the next answer then',
      'primary, asked, 3 a, answered, told primary 1 2, look primary 1 2',
      'a imported'
    ],
    ['is held when nobody asked about atomic imports', 'primary, 3 a, look primary 1 2 unasked', '']
  ],
  'of a slot that is imported by the classic way': [
    ['is believed, as of no owner', 'primary, 3 a, look primary 1 2 importing 3, 3 b', 'a imported, b imported'],
    [
      'is believed also when it was said after the question',
      'primary, asked, answered, 3 a, told primary 1 2 importing 3',
      'a imported'
    ],
    [
      'is believed when the import is given up afterwards',
      'primary, look primary 1 2 importing 3, asked, 3 a, answered, told primary 1 2',
      'a imported'
    ],
    [
      'is not believed when it was given up before',
      'look primary importing 3, look primary, 3 a, look primary atomic 3',
      'a hidden'
    ],
    [
      'is known from what is said after the import is finished',
      'look primary importing 3, asked, 3 a, answered, 3 b, told primary 3, own 3',
      'a imported, b'
    ]
  ],
  'of a slot that is gained': [
    ['is held until what the former owner said has been read', 'primary, 3 a, look primary 1 2 3, 3 b, 1 c', 'c'],
    ['is believed then, in order', 'primary, 3 a, look primary 1 2 3, 3 b, own 3, 3 c', 'a imported, b, c'],
    [
      'is hidden where it turns out to be the import',
      'primary, 3 a, 3 b, look primary 1 2 3, 3 c, own 3 but a',
      'a hidden, b imported, c'
    ],
    [
      'is believed with the answer to a question that is open then',
      'primary, look primary 1 2 3, asked, 3 a, own 3, answered, 3 b, told primary 1 2 3',
      'a, b'
    ],
    ['is held while that question is open', 'primary, look primary 1 2 3, 3 a, asked, own 3', ''],
    [
      'is hidden at once all the same where it is the import',
      'primary, 3 a, look primary 1 2 3, 3 b, asked, own 3 but a',
      'a hidden'
    ],
    [
      'is believed when the slot is lost again meanwhile',
      'primary, look primary 1 2 3, 3 a, mark 3, look primary 1 2, own 3',
      'a'
    ],
    [
      'is believed up to the first of two marks',
      'primary, 1 a, mark 1, 1 b, mark 1, look primary 2 atomic 1',
      'a, b hidden'
    ],
    [
      'is not believed then if it is uncertain and was hidden before',
      'primary, 3 a, look primary 1 2 atomic 3, 3 b, look primary 1 2 3, 3 c, look primary 1 2',
      'a hidden, b hidden, c'
    ],
    [
      'waits for the former owner of the second time when it is gained twice',
      'look primary 3, look primary, look primary 3, 3 a, own 3',
      ''
    ],
    ['is believed after that', 'look primary 3, look primary, look primary 3, 3 a, own 3, own 3', 'a']
  ],
  'of a slot that is lost': [
    ['is believed when it was said before the answer', 'primary, asked, 2 a, answered, told primary 1', 'a'],
    [
      'is believed when it was said before the mark',
      'primary, asked, 2 a, mark 2, answered, told primary 1, look primary 1',
      'a'
    ],
    [
      'is not believed when it was said after the mark',
      'primary, 2 a, mark 2, 2 b, look primary 1 atomic 2',
      'a, b hidden'
    ],
    ['is believed when only another slot was marked', 'primary, mark 1, 2 a, look primary', 'a'],
    [
      'is believed when it was said between the mark of another one and its own',
      'primary, mark 1, 2 a, mark 2, 2 b, look primary atomic 2',
      'a, b hidden'
    ],
    ['is believed of the others as before', 'primary, mark 2, 1 a, look primary 1, 1 b', 'a, b'],
    ['is believed when the mark was for nothing', 'primary, mark, 1 a, look primary 1 2', 'a'],
    [
      'is believed as of no owner when the slot comes back',
      'primary, 2 a, mark 2, 2 b, look primary 1 importing 2',
      'a, b imported'
    ],
    [
      'is held again when the slot has come back',
      'primary, mark 2, 2 a, look primary 1 2, 2 b, own 2',
      'a imported, b'
    ],
    ['is not decided by an answer from before the mark', 'primary, asked, answered, mark 2, 2 a, told primary 1 2', ''],
    [
      'is not decided by an answer between two marks',
      'primary, mark 2, asked, answered, mark 1, 1 a, told primary 1, look replica',
      'a echo'
    ]
  ],
  'as a primary that becomes a replica': [
    [
      'is believed before the mark',
      'primary, asked, 1 a, mark 1, 1 b, answered, told primary 1 2, look replica',
      'a, b echo'
    ],
    ['is echo after it, of any slot', 'primary, mark 1, 1 a, 3 b, look replica, 2 c', 'a echo, b echo, c echo'],
    ['is believed up to the last of several marks', 'primary, mark 2, 1 a, mark 1, 1 b, look replica', 'a, b echo'],
    ['is echo as far as it is in doubt, without a mark', 'primary, asked, 1 a, answered, told replica', 'a echo'],
    ['is hidden of an atomic import', 'primary, 3 a, mark 1, look replica', 'a hidden'],
    [
      'is believed of a classic import, before the mark',
      'look primary 1 importing 3, own 1, asked, 3 a, answered, mark 1, 3 b, told primary 1 importing 3, look replica',
      'a imported, b echo'
    ],
    ['is believed of a slot that waits for its former owner', 'look primary 1, 1 a, mark 1, look replica', 'a']
  ],
  'as a replica': [
    ['is echo', 'replica, 1 a, 2 b', 'a echo, b echo'],
    ['is echo also when its primary loses a slot', 'replica, mark 1, 1 a, look replica, 1 b', 'a echo, b echo'],
    [
      'is believed from the mark of a promotion on',
      'replica, asked, 1 a, mark 1, 1 b, answered, told replica, look primary 1, own 1',
      'a echo, b'
    ],
    [
      'is believed from the last of several marks on',
      'replica, mark 2, 1 a, mark 1, 1 b, look primary 1, own 1',
      'a echo, b'
    ],
    [
      'is believed from the answer on when a promotion has no mark',
      'replica, asked, 1 a, answered, 1 b, told primary 1, own 1',
      'a echo, b'
    ],
    [
      'is held like any other of a slot that it imported as a primary',
      'look primary importing 3, look replica, mark 3, 3 a, look primary 3',
      ''
    ],
    [
      'is believed as of no owner of a slot that a promotion did not bring for long',
      'replica, mark 1, 3 a, look primary 1',
      'a imported'
    ],
    [
      'is echo of that slot, too, before the mark',
      'replica, asked, 3 a, mark 1, answered, told replica, look primary 1',
      'a echo'
    ]
  ],
  'before an answer that cannot be read': [
    ['is believed of an owner, in order', 'primary, asked, 1 a, answered, told unreadable, 1 b', 'a, b'],
    [
      'is believed of a classic import',
      'look primary importing 3, asked, 3 a, answered, told unreadable, 3 b',
      'a imported, b imported'
    ],
    ['is echo of a replica', 'replica, asked, 1 a, answered, told unreadable, 1 b', 'a echo, b echo'],
    ['is held where it was in doubt', 'primary, 3 a, look unreadable', ''],
    ['is held after a mark', 'primary, mark 1, 1 a, look unreadable', ''],
    ['is held while another answer is to come', 'primary, asked, answered, asked, 1 a, answered, told unreadable', ''],
    [
      'is believed of a slot that waited only for it',
      'look primary 1, 1 a, asked, own 1, answered, told unreadable',
      'a'
    ]
  ],
  'of a slot that is disowned': [
    ['is hidden', 'primary, disown 1, 1 a, 2 b, look primary 2', 'b, a hidden'],
    [
      'is hidden also when it was said before',
      'primary, asked, 1 a, answered, disown 1, told primary 2, look primary 2',
      'a hidden'
    ],
    [
      'is believed again as of any other when it was its own meanwhile',
      'primary, disown 1, look primary 1 2, look primary 2, 1 a, look primary 2',
      'a imported'
    ],
    [
      'is held when the slot is its own all the same',
      'primary, disown 1, 1 a, look primary 1 2, 1 b, own 1',
      'a imported, b'
    ]
  ],
  'before the end': [
    ['is believed though a question was open', 'primary, 3 a, asked, 1 b, close', 'b'],
    ['is believed up to the first mark', 'primary, asked, 1 a, mark 1, 2 b, mark 1, close', 'a'],
    ['is believed up to the mark alone', 'primary, asked, 1 a, 2 b, mark 1, 1 c, 2 d, close', 'a, b'],
    ['is an echo of a replica', 'replica, asked, 1 a, close', 'a echo'],
    [
      'is forgotten of a slot that is not its own',
      'primary, asked, 3 a, close, answered, told primary 1 2 3, own 3',
      ''
    ],
    ['is forgotten of a slot that others may still speak for', 'primary, look primary 1 2 3, 3 a, close', '']
  ]
};

describe('what a node says', () => {
  for (const [suite, cases] of Object.entries(SUITES)) {
    describe(suite, () => {
      for (const [title, stream, decided] of cases) {
        it(`${title}: ${stream}`, () => {
          const { log, steps } = make();
          steps(stream);
          assert.equal(log.join(', '), decided);
        });
      }
    });
  }
});

describe('belief', () => {
  const QUESTIONS: readonly Case[] = [
    ['nothing of what is known', '1 a', ''],
    ['for the view when a slot is spoken of that is not known', '3 a', 'ask 3'],
    ['not while an answer is under way', 'asked, 3 a', ''],
    ['but then after it, if that does not decide', 'asked, 3 a, answered, 3 b, told primary 1 2', 'ask'],
    ['at a mark', 'mark 1', 'ask'],
    ['again when the answer is from before the mark', 'asked, mark 1, answered, told primary 1 2', 'ask, ask'],
    ['again when the answer cannot be read and something waits for it', '3 a, look unreadable', 'ask 3, ask'],
    ['not when nothing does', 'look unreadable', ''],
    ['nothing of a slot that is gained', 'look primary 1 2 3, 3 a', 'gained 3']
  ];
  for (const [title, stream, told] of QUESTIONS) {
    it(`asks ${title}: ${stream}`, () => {
      const made = make();
      made.steps('primary');
      made.told.length = 0;
      made.steps(stream);
      assert.equal(made.told.join(', '), told);
    });
  }

  const CHANGES: readonly Case[] = [
    ['which slots are gained, all of them at first', 'look primary 1 2', 'gained 1 2'],
    ['slots that are gained and lost', 'look primary 1 2, look primary 2 3', 'gained 1 2, lost, gained 3'],
    ['nothing when nothing has changed', 'look primary 1, look primary 1', 'gained 1'],
    [
      'a slot that was lost and gained between two answers',
      'look primary 1, mark 1, look primary 1',
      'gained 1, ask, lost, gained 1'
    ],
    [
      'what it hides of a slot that left before it was known whose it was',
      'primary, 3 a, look primary 1 2 atomic 3, 3 b, look primary 1 2 3, look primary 1 2',
      'gained 1 2, ask 3, ask 3, gained 3, lost, doubted 3'
    ],
    [
      'what it hides of a slot that was taken from it unheard',
      'primary, disown 1, 1 a, look primary 2',
      'gained 1 2, ask 1, doubted 1'
    ],
    ['of whom a primary has become a replica', 'look primary 1, look replica', 'gained 1, demoted p'],
    ['nothing of one that was a replica before', 'look replica, look replica', ''],
    ['what a promoted one has', 'look replica, mark 1, look primary 1', 'ask, gained 1']
  ];
  for (const [title, stream, told] of CHANGES) {
    it(`tells ${title}: ${stream}`, () => {
      const made = make();
      made.steps(stream);
      assert.equal(made.told.join(', '), told);
    });
  }

  it('tells of lost slots before it decides, and of gained ones after it', () => {
    const { belief, log, told, steps, onDecided } = make();
    steps('primary, asked, 1 a, answered');
    told.length = 0;
    onDecided.run = () => assert.deepEqual(told, ['lost']);
    belief.view(viewOf('primary 1 3'));
    assert.deepEqual([log, told], [['a'], ['lost', 'gained 3']]);
  });

  it('knows the role and what is owned, which is not what is merely gained', () => {
    const { belief, steps } = make();
    assert.equal(belief.role, 'unknown');
    steps('look primary 1');
    assert.deepEqual([belief.role, belief.owns(1)], ['primary', false]);
    steps('own 1');
    assert.deepEqual([belief.owns(1), belief.owns(2)], [true, false]);
    steps('look replica');
    assert.deepEqual([belief.role, belief.owns(1)], ['replica', false]);
  });

  const UNCERTAIN: readonly (readonly [title: string, stream: string, uncertain: readonly unknown[]])[] = [
    ['what was said before the answer that showed the slot', '3 a, 3 b, look primary 1 2 3', [[3, ['a', 'b'], false]]],
    ['not what was said after it', 'asked, 3 a, answered, 3 b, told primary 1 2 3, 3 c', [[3, ['a'], false]]],
    ['only what is asked for', '3 a, 4 b, look primary 1 2 3 4', [[3, ['a'], false]]],
    ['and knows of a refusal', '3 a, look primary 1 2 atomic 3, 3 b, look primary 1 2 3', [[3, ['b'], true]]],
    [
      'but not of one before a classic import',
      '3 a, look primary atomic 3, look primary importing 3, look primary, 3 b, look primary 3',
      [[3, ['b'], false]]
    ],
    ['nothing that was said behind the first of two answers', 'asked, asked, answered, 3 a, told primary 3', []],
    [
      'nothing of a classic import that was known',
      'look primary importing 3, asked, 3 a, answered, told primary 3',
      []
    ],
    ['nothing of a promotion that was marked', 'look replica, mark 3, 3 a, look primary 3', []],
    ['nothing that is settled', '3 a, look primary 3, own 3, 3 b', []]
  ];
  for (const [title, stream, uncertain] of UNCERTAIN) {
    it(`calls uncertain ${title}: ${stream}`, () => {
      const { belief, steps } = make();
      steps(`primary, ${stream}`);
      const found = [...belief.uncertain([3])].map(([slot, { messages, wasRefused }]) => [slot, messages, wasRefused]);
      assert.deepEqual(found, uncertain);
    });
  }

  it('forgets a refusal with the import that it belongs to', () => {
    const { belief, steps } = make();
    steps(
      'primary, 3 a, look primary 1 2 atomic 3, look primary 1 2 3, own 3, look primary 1 2, 3 b, look primary 1 2 3'
    );
    assert.equal(belief.uncertain([3]).get(3)?.wasRefused, false);
  });

  it('shows what it holds, in order', () => {
    const { belief, steps } = make();
    steps('primary, 3 a, 4 b, 1 c, 3 d');
    assert.deepEqual(belief.held, ['a', 'b', 'd']);
  });

  describe('is settled', () => {
    async function isSettled(stream: string, ...later: string[]): Promise<boolean[]> {
      return isSettledOf(undefined, stream, ...later);
    }

    async function isSettledOf(slot: number | undefined, stream: string, ...later: string[]): Promise<boolean[]> {
      const { belief, steps } = make();
      steps(stream);
      let isDone = false;
      void belief.settled(slot === undefined ? undefined : new Set([slot])).then(() => (isDone = true));
      await turn();
      const states = [isDone];
      for (const step of later) {
        steps(step);
        await turn();
        states.push(isDone);
      }
      return states;
    }

    it('at once when nothing is held', async () => assert.deepEqual(await isSettled('primary, 1 a'), [true]));

    it('when what is held now is decided, whatever comes after it', async () => {
      const states = await isSettled('primary, 3 a', '3 b', 'asked, answered, 3 c, told primary 1 2');
      assert.deepEqual(states, [false, false, true]);
    });

    it('only when the last of several slots is', async () => {
      const states = await isSettled('primary, 3 a, 4 b', 'look primary 1 2 4', 'own 4');
      assert.deepEqual(states, [false, false, true]);
    });

    it('of one slot when what is held of that is decided', async () => {
      assert.deepEqual(await isSettledOf(3, 'primary, 4 a'), [true]);
      const states = await isSettledOf(4, 'primary, 3 a, 4 b', 'look primary 1 2 3', 'own 3');
      assert.deepEqual(states, [false, true, true]);
    });

    it('when it is closed', async () => assert.deepEqual(await isSettled('primary, 3 a', 'close'), [false, true]));
  });

  it('decides nothing more when a listener closes it', () => {
    const { belief, log, steps, onDecided } = make();
    steps('primary, asked, 1 a, 1 b, answered');
    onDecided.run = () => belief.close();
    steps('told primary 1 2');
    assert.deepEqual([log, belief.held], [['a'], []]);
  });
});
