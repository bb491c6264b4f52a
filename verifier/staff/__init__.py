"""Who works at the desk: members of the staff, their passkeys, invitations and sessions."""
