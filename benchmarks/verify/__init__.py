"""The points of the record: what was asked, measured at full size and kept in build/verify.json."""
