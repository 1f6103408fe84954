// How the jobs of an account stand, in short.
#include "ctl/job_brief.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace bullpen;
using namespace bullpen::ctl;
using nlohmann::json;

namespace {

json run(const char* outcome, const char* ended, bool dry_run = false) {
    return {{"number", 1},
            {"begun", ended},
            {"ended", ended},
            {"outcome", outcome},
            {"dry_run", dry_run},
            {"reason", "no_signals"},
            {"text", "there is\nnone"}};
}
json job(const char* name, const char* schedule, json history) {
    return {{"job", name},
            {"schedule", schedule},
            {"next", nullptr},
            {"running", nullptr},
            {"history", std::move(history)}};
}

}  // namespace

TEST_CASE("a job stands as its newest real run ended") {
    auto old = run("failed", "2026-07-01T04:00:00.000Z");
    old.erase("reason");
    const json file = {
        {"account", "anna"},
        {"orders_file",
         {{"name", "orders_a.json"}, {"modified", "2026-07-06T04:00:00.000Z"}, {"keep_days", 90}}},
        {"jobs",
         {job("sync", "",
              {run("succeeded", "2026-07-03T04:00:00.000Z"),
               run("failed", "2026-07-04T04:00:00.000Z"),
               run("succeeded", "2026-07-05T04:00:00.000Z", true),
               run("refused", "2026-07-06T04:00:00.000Z")}),
          job("retention", "03:00", json::array()), job("pattern_daily", "", json::array()),
          job("daily_summary", "", {old})}}};
    const auto known = parse_jobs_brief(file.dump());
    REQUIRE(known.has_value());
    REQUIRE(known->jobs.size() == 3);
    CHECK(known->jobs[0].outcome == "failed");
    CHECK(known->jobs[0].reason == "no_signals");
    CHECK(known->jobs[1].job == "retention");
    CHECK(known->jobs[1].outcome.empty());
    CHECK(known->jobs[2].reason.empty());
    CHECK(failed_job_text("anna", *known).starts_with("anna: job sync failed, no_signals, at "));
    CHECK(failed_job_text("anna", *known).find('\n') == std::string::npos);

    std::string out;
    {
        JsonWriter writer(out);
        writer.begin_object();
        append_jobs_json(writer, &*known, *parse_utc("2026-07-06T05:00:00Z"));
        writer.end_object();
    }
    const auto shown = json::parse(out);
    CHECK(shown["orders_file"]["age_s"] == 3600);
    CHECK(shown["orders_file"]["keep_days"] == 90);
    CHECK(shown["jobs"][0]["outcome"] == "failed");
    CHECK(shown["jobs"][0]["text"] == "there is\nnone");
    CHECK(shown["jobs"][1]["outcome"].is_null());
    CHECK(shown["jobs"][2]["reason"].is_null());
}

TEST_CASE("an account without jobs has an empty list, and a damaged file is none") {
    std::string out;
    {
        JsonWriter writer(out);
        writer.begin_object();
        append_jobs_json(writer, nullptr, {});
        writer.end_object();
    }
    CHECK(json::parse(out) == json{{"jobs", json::array()}, {"orders_file", nullptr}});
    for (const char* text : {"", "{}", "[]", R"({"jobs":[1]})", R"({"jobs":[{"job":1}]})",
                             R"({"jobs":[],"orders_file":{"name":"a"}})"})
        CHECK_FALSE(parse_jobs_brief(text).has_value());
    JobsBrief well;
    well.jobs.push_back({"sync", "interrupted", "stopped", "x", {}, {}, false});
    CHECK(failed_job_text("anna", well).empty());
}
