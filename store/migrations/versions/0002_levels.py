"""A subscription may be for the debates of some levels only."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "subscriptions", sa.Column("levels", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
