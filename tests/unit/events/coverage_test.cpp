#include "common/events/coverage.hpp"

#include <doctest/doctest.h>

namespace bullpen::events {

namespace {

SeriesCoverage row(std::string_view from, std::string_view to, bool official = true,
                   std::string series = "us.bls.cpi") {
    return {std::move(series),
            *parse_day(from),
            *parse_day(to),
            "bls-ics",
            *parse_utc("2026-11-20T22:00:00Z"),
            official};
}

}  // namespace

TEST_CASE("statements that touch cover together, a gap of a day ends it") {
    std::vector<SeriesCoverage> table{row("2026-07-01", "2026-12-31"),
                                      row("2026-01-01", "2026-06-30")};
    CHECK(covers(table, "us.bls.cpi", *parse_day("2026-01-01"), *parse_day("2026-12-31")));
    CHECK_FALSE(covers(table, "us.bls.cpi", *parse_day("2025-12-31"), *parse_day("2026-12-31")));
    CHECK_FALSE(covers(table, "us.bls.cpi", *parse_day("2026-12-31"), *parse_day("2027-01-01")));
    CHECK_FALSE(covers(table, "us.bls.ppi", *parse_day("2026-02-01"), *parse_day("2026-02-01")));
    CHECK(covered_to(table, "us.bls.cpi", *parse_day("2026-03-01")) == *parse_day("2026-12-31"));
    table.push_back(row("2027-01-02", "2027-12-31"));
    CHECK(covered_to(table, "us.bls.cpi", *parse_day("2026-03-01")) == *parse_day("2026-12-31"));
    table.push_back(row("2026-12-01", "2027-01-01"));
    CHECK(covered_to(table, "us.bls.cpi", *parse_day("2026-03-01")) == *parse_day("2027-12-31"));
}

TEST_CASE("what is not official covers nothing") {
    const std::vector<SeriesCoverage> table{row("2026-01-01", "2026-12-31", false)};
    CHECK_FALSE(covers(table, "us.bls.cpi", *parse_day("2026-02-01"), *parse_day("2026-02-01")));
    CHECK_FALSE(covered_to(table, "us.bls.cpi", *parse_day("2026-02-01")));
}

TEST_CASE("coverage and sources are read back from their lines") {
    const SeriesCoverage coverage = row("2026-01-01", "2026-12-31");
    CHECK(encode(coverage) ==
          R"({"series":"us.bls.cpi","from":"2026-01-01","to":"2026-12-31","src":"bls-ics",)"
          R"("stated":"2026-11-20T22:00:00Z","official":true})");
    CHECK(*decode_coverage(encode(coverage)) == coverage);
    CHECK_FALSE(decode_coverage(R"({"series":"a","from":"2026-02-01","to":"2026-01-01",)"
                                R"("src":"b","stated":"2026-11-20T22:00:00Z"})"));

    SourceStatus source;
    source.source = "bls-ics";
    CHECK(*decode_source(encode(source)) == source);
    source.accepted = *parse_utc("2026-11-20T22:00:00Z");
    source.attempted = *parse_utc("2026-11-21T22:00:00Z");
    source.failures = 3;
    source.sha256 = std::string(64, 'b');
    source.etag = "W/\"5\"";
    source.last_modified = "Fri, 20 Nov 2026 20:00:00 GMT";
    source.error = "status 403";
    CHECK(*decode_source(encode(source)) == source);
}

}  // namespace bullpen::events
