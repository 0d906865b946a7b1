"""Pure rules of access: who may do what to whose data, and which looks are unusual."""
