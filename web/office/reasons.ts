/** Which reasons there are for withdrawing credentials and for restoring them. */

export const REASONS_OF = {
  restore: ["resolved", "holder_asked", "wrong_data", "other"],
  suspend: ["lost_or_stolen", "suspected_fraud", "holder_asked", "wrong_data", "other"],
  revoke: ["coverage_ended", "lost_or_stolen", "wrong_data", "suspected_fraud", "deceased", "holder_asked", "other"],
} as const;
