"""The status of issued credentials, and its publication as Token Status Lists."""
