-- What is to be told of (docs/api.md: alerts). The rule is JSON as it was asked for; the owner a hash of its maker's word.
CREATE TABLE alerts (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    owner CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    rule VARCHAR(2000) NOT NULL,
    cool_down_s INT NULL,
    created_s BIGINT NOT NULL,
    fired_second BIGINT NULL,
    fires INT NOT NULL DEFAULT 0,
    KEY by_owner (owner)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Posts that are due; one that has been answered, or given up, is gone. Who takes one moves `due_at` ahead of the others.
CREATE TABLE alert_posts (
    alert_id BIGINT NOT NULL,
    second BIGINT NOT NULL,
    url VARCHAR(500) NOT NULL,
    body VARCHAR(2000) NOT NULL,
    tries INT NOT NULL DEFAULT 0,
    due_at DATETIME(6) NOT NULL,
    PRIMARY KEY (alert_id, second),
    KEY by_due (due_at)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
