/** The name of a field in HTTP/2: as in HTTP/1.1, in small letters (RFC 9113 8.2.1). */
export const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
