import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apr1 } from '../../../src/core/routing/apr1.ts';
import { desCrypt } from '../../../src/core/routing/des-crypt.ts';
import { isRight, readCredentials, readPasswordFile } from '../../../src/core/routing/password.ts';

const basic = (text: string) => `Basic ${Buffer.from(text, 'latin1').toString('base64')}`;

describe('an Authorization header', () => {
  for (const { header, credentials } of [
    { header: basic('foo:bar'), credentials: { name: 'foo', password: 'bar' } },
    { header: basic('foo:'), credentials: { name: 'foo', password: '' } },
    { header: basic('foo:b:ar'), credentials: { name: 'foo', password: 'b:ar' } },
    { header: basic('f\xfc:b'), credentials: { name: 'f\xfc', password: 'b' } },
    { header: basic('foo:bar').replace('Basic', 'basic'), credentials: { name: 'foo', password: 'bar' } },
    { header: basic('foobar'), credentials: undefined },
    { header: 'Bearer abc', credentials: undefined },
    { header: 'Basic a b', credentials: undefined },
    { header: '', credentials: undefined },
  ])
    test(`is read: ${header}`, () => assert.deepEqual(readCredentials(header), credentials));
});

// Made by openssl passwd -apr1 -salt SALT PASSWORD, in UTF-8.
for (const { password, salt, hash } of [
  { password: 'pässword longer than sixteen', salt: 'abcdefgh', hash: 'LoD1bSFh7Xp8VYal4j4Rr/' },
  { password: 'pw', salt: 'x', hash: 'c1lfMpyyDm.graHWYyv3p/' },
  { password: '', salt: 'salt', hash: 'AnXM5PAEa9T4ruYbwPoUh/' },
]) {
  test(`apr1 is Apache's: ${password}`, () => {
    assert.equal(apr1(Buffer.from(password).toString('latin1'), salt), `$apr1$${salt}$${hash}`);
  });
}

// Made by crypt(3).
for (const { password, hash } of [
  { password: 'pw', hash: 'abzlUXK5ed5rs' },
  { password: 'a long password', hash: 'zZTto6V498s56' },
  { password: '', hash: './Una9Fi.seRo' },
  { password: '\xfc\x80k', hash: '9Ah71Bl/1v00I' },
]) {
  test(`crypt is the system's: ${JSON.stringify(password)}`, () => assert.equal(desCrypt(password, hash), hash));
}

describe('a file of passwords', () => {
  const file = readPasswordFile(
    '# who\nsha:{SHA}GpHWL3ymc5liWkNopqtdSjuqYHM=\r\n\napr:$apr1$x$c1lfMpyyDm.graHWYyv3p/:more\nnobody\nold:abzlUXK5ed5rs\nbad:plain\nbcrypt:$2y$05$x\nnew:$6$salt$x',
  );

  test('lets those in whose form can be checked', () => {
    const enters = (name: string, password: string) => file.entries.some((entry) => isRight(entry, { name, password }));
    assert.deepEqual(
      [
        enters('sha', 'pw'),
        enters('apr', 'pw'),
        enters('old', 'pw'),
        enters('sha', 'Pw'),
        enters('apr', ''),
        enters('other', 'pw'),
        enters('', ''),
      ],
      [true, true, true, false, false, false, false],
    );
  });

  test('names the other lines', () => {
    assert.deepEqual(
      file.unusable.map(({ line, reason }) => `${String(line)} ${reason}`),
      [
        '5 it is not USER:PASSWORD',
        '7 its password is in a form that is not known here; use htpasswd -m or -s',
        '8 its password is in bcrypt; use htpasswd -m or -s',
        '9 its password is in a form that is not known here; use htpasswd -m or -s',
      ],
    );
  });
});
