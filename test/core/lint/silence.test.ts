import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findingsIn } from '../../helpers/lint.ts';

/** Two unknown keys, on the lines 4 and 5, below a comment on line 3; in the second text the comment is on line 1. */
const FORMATS = [
  {
    name: 'app.ini',
    inside: '[uwsgi]\nhttp = :80\n# COMMENT\nfoo = 1\nbar = 1\nmodule = app\n',
    above: '; COMMENT\n[uwsgi]\nhttp = :80\nfoo = 1\nbar = 1\nmodule = app\n',
  },
  {
    name: 'app.yaml',
    inside: 'uwsgi:\n  http: :80\n  # COMMENT\n  foo: 1\n  bar: 1\n  module: app\n',
    above: '# COMMENT\nuwsgi:\n  http: :80\n  foo: 1\n  bar: 1\n  module: app\n',
  },
  {
    name: 'app.xml',
    inside: '<uwsgi>\n<http>:80</http>\n<!-- COMMENT -->\n<foo>1</foo>\n<bar/>\n<module>app</module>\n</uwsgi>\n',
    above: '<!-- COMMENT -->\n<uwsgi>\n<http>:80</http>\n<foo>1</foo>\n<bar/>\n<module>app</module>\n</uwsgi>\n',
  },
  {
    name: 'app.json',
    inside: '{"uwsgi": {\n"http": ":80",\n// COMMENT\n"foo": "1",\n"bar": "1",\n"module": "app"}}\n',
    above: '/* COMMENT */\n{"uwsgi": {\n"http": ":80",\n"foo": "1",\n"bar": "1",\n"module": "app"}}\n',
  },
];

for (const { name, inside, above } of FORMATS) {
  describe(name, () => {
    test('a comment silences the option that follows', (t) => {
      const text = inside.replace('COMMENT', 'tsuwsgi: ignore unknown-key');
      assert.deepEqual(findingsIn(t, { name, text }), ['5 unknown-key']);
    });

    test('above the section it silences the whole file', (t) => {
      const text = above.replace('COMMENT', 'tsuwsgi: ignore missing-path, unknown-key');
      assert.deepEqual(findingsIn(t, { name, text }), []);
    });

    test('any other comment silences nothing', (t) => {
      assert.deepEqual(findingsIn(t, { name, text: above.replace('COMMENT', 'ignore unknown-key') }), ['4 unknown-key', '5 unknown-key']);
    });
  });
}

test('a rule that is not there is told, and the nearest name', (t) => {
  const text = '[uwsgi]\nhttp = :80\nmodule = app\n; tsuwsgi: ignore unknown-kay\nfoo = 1\n';
  assert.deepEqual(findingsIn(t, { name: 'app.ini', text }), ['4 unknown-rule', '5 unknown-key']);
});

test('what keeps the server from starting is not silenced', (t) => {
  const text = '; tsuwsgi: ignore invalid-value\n[uwsgi]\nhttp = :80\nmodule = app\nthreads = two\n';
  assert.deepEqual(findingsIn(t, { name: 'app.ini', text }), ['1 unknown-rule', '5 invalid-value']);
});

test('a comment at the end of the file is about nothing', (t) => {
  const text = '[uwsgi]\nhttp = :80\nmodule = app\nfoo = 1\n; tsuwsgi: ignore unknown-key\n';
  assert.deepEqual(findingsIn(t, { name: 'app.ini', text }), ['4 unknown-key']);
});
