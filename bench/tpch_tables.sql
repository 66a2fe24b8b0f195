-- Small tables in the shape of TPC-H's, 12,000 rows in the largest, for when none have been generated. The
-- values are those that the 22 queries ask for, so that nearly all of them find rows; they are not dbgen's.

-- 0 to k - 1, and one of a list: the same for the same i and salt
CREATE TEMP MACRO n(i, salt, k) AS (hash(i * 1000 + salt) % k)::BIGINT;
CREATE TEMP MACRO pick(i, salt, list) AS list[1 + n(i, salt, len(list))];
CREATE TEMP MACRO money(i, salt, k) AS (n(i, salt, k * 100) / 100)::DECIMAL(15,2);
CREATE TEMP MACRO words(i, salt) AS concat_ws(' ',
    pick(i, salt, ['quickly', 'special', 'furiously', 'pending', 'even']),
    pick(i, salt + 1, ['packages', 'deposits', 'requests', 'accounts']),
    pick(i, salt + 2, ['sleep', 'Customer', 'nag', 'wake']),
    pick(i, salt + 3, ['Complaints', 'requests', 'ideas', 'pinto beans']));
CREATE TEMP MACRO phone(i, nation) AS
    printf('%d-%03d-%03d-%04d', 10 + nation, n(i, 91, 1000), n(i, 92, 1000), n(i, 93, 10000));

CREATE TEMP TABLE region AS
SELECT i AS r_regionkey,
       ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'][i + 1] AS r_name,
       words(i, 1) AS r_comment
FROM range(5) t(i);

CREATE TEMP TABLE nation AS
SELECT i AS n_nationkey,
       ['ALGERIA', 'ARGENTINA', 'BRAZIL', 'CANADA', 'EGYPT', 'ETHIOPIA', 'FRANCE', 'GERMANY', 'INDIA',
        'INDONESIA', 'IRAN', 'IRAQ', 'JAPAN', 'JORDAN', 'KENYA', 'MOROCCO', 'MOZAMBIQUE', 'PERU', 'CHINA',
        'ROMANIA', 'SAUDI ARABIA', 'VIETNAM', 'RUSSIA', 'UNITED KINGDOM', 'UNITED STATES'][i + 1] AS n_name,
       [0, 1, 1, 1, 4, 0, 3, 3, 2, 2, 4, 4, 2, 4, 0, 0, 0, 1, 2, 3, 4, 2, 3, 3, 1][i + 1]::BIGINT
           AS n_regionkey,
       words(i, 1) AS n_comment
FROM range(25) t(i);

CREATE TEMP TABLE supplier AS
SELECT i AS s_suppkey,
       printf('Supplier#%09d', i) AS s_name,
       'No. ' || n(i, 2, 999) AS s_address,
       i % 25 AS s_nationkey,
       phone(i, i % 25) AS s_phone,
       money(i, 3, 9999) - 999.99 AS s_acctbal,
       words(i, 4) AS s_comment
FROM range(1, 101) t(i);

CREATE TEMP TABLE customer AS
SELECT i AS c_custkey,
       printf('Customer#%09d', i) AS c_name,
       'No. ' || n(i, 5, 999) AS c_address,
       n(i, 6, 25) AS c_nationkey,
       phone(i, n(i, 6, 25)) AS c_phone,
       money(i, 7, 9999) - 999.99 AS c_acctbal,
       pick(i, 8, ['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'HOUSEHOLD', 'MACHINERY']) AS c_mktsegment,
       words(i, 9) AS c_comment
FROM range(1, 501) t(i);

CREATE TEMP TABLE part AS
SELECT i AS p_partkey,
       pick(i, 10, ['forest', 'green', 'lace', 'puff']) || ' ' || pick(i, 11, ['green', 'linen', 'snow'])
           AS p_name,
       'Manufacturer#' || 1 + n(i, 12, 5) AS p_mfgr,
       'Brand#' || pick(i, 13, [12, 23, 34, 45]) AS p_brand,
       concat_ws(' ', pick(i, 14, ['ECONOMY', 'MEDIUM', 'PROMO']), pick(i, 15, ['ANODIZED', 'POLISHED']),
                 pick(i, 16, ['BRASS', 'STEEL', 'TIN'])) AS p_type,
       pick(i, 17, [3, 4, 9, 14, 15, 19, 23, 36, 45, 49])::INTEGER AS p_size,
       pick(i, 18, ['SM CASE', 'SM BOX', 'MED BAG', 'MED BOX', 'LG CASE', 'LG PKG']) AS p_container,
       900 + money(i, 19, 1000) AS p_retailprice,
       words(i, 20) AS p_comment
FROM range(1, 401) t(i);

-- four suppliers for each part
CREATE TEMP TABLE partsupp AS
SELECT 1 + i % 400 AS ps_partkey,
       1 + (i % 400 * 7 + i // 400 * 23) % 100 AS ps_suppkey,
       1 + n(i, 21, 9999)::INTEGER AS ps_availqty,
       1 + money(i, 22, 1000) AS ps_supplycost,
       words(i, 23) AS ps_comment
FROM range(1600) t(i);

CREATE TEMP TABLE orders AS
SELECT i AS o_orderkey,
       1 + n(i, 24, 330) AS o_custkey,
       pick(i, 25, ['F', 'O', 'P']) AS o_orderstatus,
       money(i, 26, 400000) AS o_totalprice,
       DATE '1992-01-01' + n(i, 27, 2400)::INTEGER AS o_orderdate,
       pick(i, 28, ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW']) AS o_orderpriority,
       printf('Clerk#%09d', n(i, 29, 50)) AS o_clerk,
       0::INTEGER AS o_shippriority,
       words(i, 30) AS o_comment
FROM range(1, 3001) t(i);

-- four lines for each order; a line's supplier is one of its part's
CREATE TEMP TABLE lineitem AS
WITH line AS (
    SELECT i, 1 + i // 4 AS o, DATE '1992-01-01' + n(1 + i // 4, 27, 2400)::INTEGER AS day,
           n(i, 40, 60)::INTEGER AS days
    FROM range(12000) t(i))
SELECT o AS l_orderkey,
       1 + n(i, 31, 400) AS l_partkey,
       1 + (n(i, 31, 400) * 7 + n(i, 32, 4) * 23) % 100 AS l_suppkey,
       1 + (i % 4)::INTEGER AS l_linenumber,
       if(o % 50 = 0, 80 + n(i, 33, 9), 1 + n(i, 33, 50))::DECIMAL(15,2) AS l_quantity,
       900 + money(i, 34, 90000) AS l_extendedprice,
       (n(i, 35, 11) / 100)::DECIMAL(15,2) AS l_discount,
       (n(i, 36, 9) / 100)::DECIMAL(15,2) AS l_tax,
       pick(i, 37, ['A', 'N', 'R']) AS l_returnflag,
       pick(i, 38, ['F', 'O']) AS l_linestatus,
       day + days AS l_shipdate,
       day + 30 + n(i, 41, 40)::INTEGER AS l_commitdate,
       day + days + 1 + n(i, 42, 30)::INTEGER AS l_receiptdate,
       pick(i, 43, ['DELIVER IN PERSON', 'COLLECT COD']) AS l_shipinstruct,
       pick(i, 44, ['AIR', 'AIR REG', 'MAIL', 'SHIP', 'RAIL']) AS l_shipmode,
       words(i, 45) AS l_comment
FROM line;
