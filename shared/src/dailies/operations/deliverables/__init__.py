"""What a recipe can ask for: one file a kind, which has the kind's name (``dailies.operations.KINDS`` lists them)."""
