"""The programme's four outlets, where goods can be fetched (product.md, first chapter)."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

POINTS = {
    "OUT-GSM": "Galery Salapak Mikroshop",
    "OUT-GPK": "Galery Patrakomala",
    "OUT-MPP": "Pojok UMKM Mall Pelayanan Publik",
    "OUT-KPKB": "Koperasi Pegawai Kota Bandung (KPKB)",
}
TABLE = sa.table(
    "pickup_points",
    sa.column("code", sa.String),
    sa.column("name", sa.String),
    sa.column("is_open", sa.Boolean),
)


def upgrade() -> None:
    rows = [{"code": code, "name": name, "is_open": True} for code, name in POINTS.items()]
    op.bulk_insert(TABLE, rows)


def downgrade() -> None:
    op.execute(sa.delete(TABLE).where(TABLE.c.code.in_(list(POINTS))))
