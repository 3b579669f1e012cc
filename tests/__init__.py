"""The tests: app/ and models/ are mirrored here; browser/ and static/ run in a real Chromium."""
