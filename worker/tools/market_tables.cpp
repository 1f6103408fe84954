#include "worker/tools/market_tables.hpp"

#include <sys/stat.h>

#include "common/base/errc.hpp"
#include "common/events/market_days.hpp"
#include "common/storage/file_system.hpp"
#include "common/tables/holiday_file.hpp"
#include "common/tables/instrument_file.hpp"
#include "common/tables/rule_pack_file.hpp"

namespace bullpen::tools {

namespace {

bool there(const std::string& path) {
    struct stat facts {};
    return ::stat(path.c_str(), &facts) == 0;
}

Result<model::Instruments> built_in_instruments() {
    // A copy, so that either way the tables own what they are made of.
    model::Instruments copy;
    copy.set_revision(model::Instruments::built_in().revision());
    for (const auto& instrument : model::Instruments::built_in().all())
        copy.add(instrument);
    return copy;
}

std::string origin_of(const char* what, const std::string& revision, bool own) {
    return std::string(what) + " " + revision + (own ? " (home)" : " (built in)");
}

}  // namespace

Result<MarketTables> load_tables(const std::string& home, UtcTime now) {
    if (home.empty()) {
        BULLPEN_TRY(auto instruments, built_in_instruments());
        auto holidays = time::HolidayTable::built_in();
        events::complete(holidays, nullptr, {}, now);
        const auto& packs = model::RulePacks::built_in();
        auto origin = origin_of("instruments", instruments.revision(), false) + ", " +
                      origin_of("holidays", holidays.revision, false) + ", " +
                      origin_of("rule packs", packs.revision(), false);
        return MarketTables{std::move(instruments), std::move(holidays), packs, std::nullopt,
                            std::move(origin)};
    }
    BULLPEN_TRY(const auto at, Home::at(home));
    if (!there(at.root()))
        return fail(Errc::not_found, "there is no home " + at.root());
    BULLPEN_TRY(auto instruments, tables::load_instruments(at));
    BULLPEN_TRY(auto holidays, tables::load_holidays(at));
    storage::SystemFileSystem files;
    events::complete(holidays, files, at.shared(), now);
    BULLPEN_TRY(auto packs, tables::load_rule_packs(at));
    auto origin =
        origin_of("instruments", instruments.revision(), there(tables::instruments_path(at))) +
        ", " + origin_of("holidays", holidays.revision, there(tables::holidays_path(at))) + ", " +
        origin_of("rule packs", packs.revision(), there(tables::rule_packs_path(at)));
    return MarketTables{std::move(instruments), std::move(holidays), std::move(packs), std::nullopt,
                        std::move(origin)};
}

Result<backtest::KnownCalendar> load_calendar(const std::string& home, UtcTime now) {
    BULLPEN_TRY(const auto at, Home::at(home));
    storage::SystemFileSystem files;
    const auto in_shared = [&](std::string_view name) {
        return at.shared() + "/" + std::string(name);
    };
    auto loaded = events::load_snapshot(files, in_shared(events::k_snapshot_name));
    if (!loaded.trouble.empty())
        return fail(Errc::corrupt, "the calendar of " + at.root() + ": " + loaded.trouble);
    BULLPEN_TRY(auto overrides, events::load_overrides(files, in_shared(events::k_overrides_name)));
    return backtest::KnownCalendar{std::move(loaded.snapshot), std::move(overrides), now};
}

Result<backtest::KnownCalendar> calendar_from(const std::string& file, UtcTime now) {
    storage::SystemFileSystem files;
    auto loaded = events::load_snapshot(files, file);
    if (!loaded.trouble.empty())
        return fail(Errc::corrupt, "the calendar " + file + ": " + loaded.trouble);
    if (!loaded.snapshot)
        return fail(Errc::not_found, "there is no calendar " + file);
    return backtest::KnownCalendar{std::move(loaded.snapshot), {}, now};
}

Result<time::MarketCalendar> calendar_of(const model::Instrument& instrument,
                                         const time::HolidayTable& holidays) {
    const auto market = time::market_from(instrument.market);
    if (!market) {
        return fail(Errc::invalid, "the hours of " + std::string(instrument.symbol) +
                                       " are those of an unknown market '" +
                                       std::string(instrument.market) + "'");
    }
    return time::MarketCalendar::load(*market, holidays);
}

}  // namespace bullpen::tools
