"""Alembic's entry point: brings the database behind the connection it is given to the newest version."""

from alembic import context

from issuer.audit import models as audit_models
from issuer.authorization import models as authorization_models
from issuer.issuance import models as issuance_models
from issuer.models import IssuerTable
from issuer.officers import models as officer_models
from issuer.portraits import models as portrait_models
from issuer.proposals import models as proposal_models
from issuer.roster import models as roster_models
from issuer.status import models as status_models
from issuer.vc_api import models as vc_api_models

TABLES = (
    audit_models,
    authorization_models,
    issuance_models,
    officer_models,
    portrait_models,
    proposal_models,
    roster_models,
    status_models,
    vc_api_models,
)
"""Imported so that their tables are in the metadata."""

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=IssuerTable.metadata,
    version_table="issuer_alembic_version",
)
with context.begin_transaction():
    context.run_migrations()
