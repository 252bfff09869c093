/** What rules answer with. Texts are latin-1. */
export type Answer =
  | {
      readonly kind: 'page';
      /** `404 Not Found` */
      readonly status: string;
      /** `Name: value`, without line breaks. */
      readonly fields: readonly string[];
      readonly body: string;
    }
  | { readonly kind: 'file'; readonly path: string }
  /** A file that was to be sent, and is not there. */
  | { readonly kind: 'missing-file'; readonly path: string }
  /** Nothing: the connection ends. */
  | { readonly kind: 'none' };
