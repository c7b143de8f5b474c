"""Letters to patients as PDF/UA, in ordinary or large print."""
