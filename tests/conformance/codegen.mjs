// The operations of an officers' app and of a dashboard become TypeScript types.
export default {
  schema: 'schema.graphql',
  documents: 'operations/*.graphql',
  generates: {
    'generated/operations.ts': {
      plugins: ['typescript', 'typescript-operations'],
      config: {
        scalars: {
          DateTime: 'string',
          DivisionCode: 'string',
          PhoneNumber: 'string',
          Percent: 'number',
        },
      },
    },
  },
};
