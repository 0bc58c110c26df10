"""How fast the store is, beside a page of bare Flask on the same machine in the same run."""
