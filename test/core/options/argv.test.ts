import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TsuwsgiError } from '../../../src/core/errors/error.ts';
import { parseArgv } from '../../../src/core/options/argv.ts';
import { Findings } from '../../../src/core/options/findings.ts';

/** A command line as `name=text` for each option, and the bare words. */
function read(...words: string[]) {
  const findings = new Findings();
  const { entries, bare } = parseArgv(words, findings);
  findings.throwProblems();
  return { options: entries.map(({ name, text }) => `${name}=${text}`), bare };
}

describe('parseArgv', () => {
  for (const { what, words, options } of [
    { what: 'a long option with its argument in the next word', words: ['--processes', '4'], options: ['processes=4'] },
    { what: 'a long option with an attached argument', words: ['--processes=4'], options: ['processes=4'] },
    { what: 'an empty attached argument', words: ['--callable='], options: ['callable='] },
    { what: 'an argument with equals signs in it', words: ['--env=A=b=c'], options: ['env=A=b=c'] },
    { what: 'a letter with its argument in the next word', words: ['-p', '4'], options: ['processes=4'] },
    { what: 'a letter with an attached argument', words: ['-p4'], options: ['processes=4'] },
    { what: 'an equals sign behind a letter as a part of the argument', words: ['-p=4'], options: ['processes==4'] },
    { what: 'letters that share a dash', words: ['-ML'], options: ['master=', 'disable-logging='] },
    { what: 'letters that share a dash with one that takes an argument', words: ['-Mp4'], options: ['master=', 'processes=4'] },
    { what: 'the argument of the last letter in the next word', words: ['-Mp', '4'], options: ['master=', 'processes=4'] },
    { what: 'an optional argument attached to a letter', words: ['-C660'], options: ['chmod-socket=660'] },
    { what: 'an optional argument attached to a name', words: ['--chmod-socket=660'], options: ['chmod-socket=660'] },
    {
      what: 'an option as the argument that the one before it requires',
      words: ['--callable', '--master'],
      options: ['callable=--master'],
    },
    { what: 'a unique beginning of a name', words: ['--buffer', '8192'], options: ['buffer-size=8192'] },
    { what: 'a beginning that fits several names of one option', words: ['--pythonp', '/srv'], options: ['pythonpath=/srv'] },
    { what: 'a whole name although longer ones begin with it', words: ['--http', ':80'], options: ['http=:80'] },
    {
      what: 'an option that only uWSGI has',
      words: ['--spooler', '/tmp/tasks', '-Q/tmp'],
      options: ['spooler=/tmp/tasks', 'spooler=/tmp'],
    },
    { what: 'a unique beginning of such a name', words: ['--memory-rep=2'], options: ['memory-report=2'] },
    { what: 'a flag of uWSGI that takes an argument all the same', words: ['--http-quiet', 'true'], options: ['http-quiet=true'] },
    {
      what: 'an option that was declared before it',
      words: ['--declare-option', 'site=module=$1;threads=2', '--site', 'shop:app', '--declare-option=on=master=true', '--on', '-L'],
      options: ['declare-option=site=module=$1;threads=2', 'site=shop:app', 'declare-option=on=master=true', 'on=', 'disable-logging='],
    },
    { what: 'an alias under its own name', words: ['--workers', '2'], options: ['workers=2'] },
    { what: 'a repeated option as often as it stands there', words: ['-s', ':1', '-s', ':2'], options: ['socket=:1', 'socket=:2'] },
  ]) {
    test(`reads ${what}`, () => {
      assert.deepEqual(read(...words), { options, bare: [] });
    });
  }

  for (const { what, words, options, bare } of [
    { what: 'words between options', words: ['a.ini', '-M', 'b.ini'], options: ['master='], bare: ['a.ini', 'b.ini'] },
    { what: 'a word behind an optional argument', words: ['-C', '660'], options: ['chmod-socket='], bare: ['660'] },
    { what: 'everything behind two dashes', words: ['-M', '--', '-p4', '--x'], options: ['master='], bare: ['-p4', '--x'] },
    { what: 'a single dash', words: ['-'], options: [], bare: ['-'] },
    { what: 'an empty word', words: [''], options: [], bare: [''] },
  ]) {
    test(`leaves ${what} bare`, () => {
      assert.deepEqual(read(...words), { options, bare });
    });
  }

  for (const { what, words, code, message, suggestions } of [
    {
      what: 'an unknown name, with the nearest one',
      words: ['--proceses', '4'],
      code: 'TSU_UNKNOWN_OPTION',
      message: 'argument --proceses: there is no option "proceses"',
      suggestions: ['write "--processes"'],
    },
    {
      what: 'an unknown letter',
      words: ['-Mk'],
      code: 'TSU_UNKNOWN_OPTION',
      message: 'argument -Mk: there is no option "-k"',
      suggestions: [],
    },
    {
      what: 'a long name behind a single dash',
      words: ['-file', 'x.py'],
      code: 'TSU_UNKNOWN_OPTION',
      message: 'argument -file: there is no option "-file"',
      suggestions: ['write "--file"'],
    },
    {
      what: 'an option that is declared only behind it',
      words: ['--site', '--declare-option=site=module=shop'],
      code: 'TSU_UNKNOWN_OPTION',
      message: 'argument --site: there is no option "site"',
      suggestions: [],
    },
    {
      what: 'an argument for an option whose template has no place for one',
      words: ['--declare-option=shop=module=shop', '--shop=2'],
      code: 'TSU_UNEXPECTED_ARGUMENT',
      message: 'option --shop takes no argument, but "2" is given',
      suggestions: ['write "--shop"'],
    },
    {
      what: 'a beginning that fits several options',
      words: ['--http-', '2'],
      code: 'TSU_AMBIGUOUS_OPTION',
      message: 'option "--http-" can mean --http-socket, --http-to-https, --http-enable-proxy-protocol, --http-timeout, ',
      suggestions: ['write the option out'],
    },
    {
      what: 'an argument for an option that takes none',
      words: ['--master=1'],
      code: 'TSU_UNEXPECTED_ARGUMENT',
      message: 'option --master takes no argument, but "1" is given',
      suggestions: ['write "--master"'],
    },
    {
      what: 'a missing argument of a name',
      words: ['--processes'],
      code: 'TSU_MISSING_ARGUMENT',
      message: 'option --processes needs an argument',
      suggestions: ['write "--processes N"'],
    },
    {
      what: 'a missing argument of a letter',
      words: ['-Mp'],
      code: 'TSU_MISSING_ARGUMENT',
      message: 'option -p needs an argument',
      suggestions: ['write "-p N"'],
    },
  ]) {
    test(`refuses ${what}`, () => {
      assert.throws(
        () => read(...words),
        (error) => {
          assert.ok(error instanceof TsuwsgiError);
          assert.equal(error.code, code);
          assert.ok(error.message.startsWith(message), error.message);
          assert.deepEqual(error.suggestions, suggestions);
          return true;
        },
      );
    });
  }

  test('goes on behind a word that it cannot read, and tells of all', () => {
    assert.throws(() => read('--proceses', '-M', '--master=1'), {
      code: 'TSU_SEVERAL_PROBLEMS',
      message:
        /^2 things are wrong with the options\n- argument --proceses: .*\(write "--processes"\)\n- option --master takes no argument/,
    });
  });

  test('says of each option where it stands', () => {
    const { entries } = parseArgv(['--processes=4', '-M'], new Findings());
    assert.deepEqual(
      entries.map(({ origin }) => origin),
      [
        { kind: 'argv', argument: '--processes' },
        { kind: 'argv', argument: '-M' },
      ],
    );
  });

  for (const { words, isBare } of [
    { words: ['-M'], isBare: true },
    { words: ['--chmod-socket'], isBare: true },
    { words: ['--chmod-socket='], isBare: undefined },
    { words: ['-p', '4'], isBare: undefined },
  ]) {
    test(`tells that ${words.join(' ')} ${isBare ? 'has no value' : 'has a value'}`, () => {
      assert.equal(parseArgv(words, new Findings()).entries[0]?.isBare, isBare);
    });
  }
});
