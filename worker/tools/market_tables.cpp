#include "worker/tools/market_tables.hpp"

#include <sys/stat.h>

#include "common/base/errc.hpp"
#include "common/tables/holiday_file.hpp"
#include "common/tables/instrument_file.hpp"
#include "worker/risk/rule_pack_file.hpp"

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

Result<MarketTables> load_tables(const std::string& home) {
    if (home.empty()) {
        BULLPEN_TRY(auto instruments, built_in_instruments());
        const auto& holidays = time::HolidayTable::built_in();
        const auto& packs = risk::RulePacks::built_in();
        auto origin = origin_of("instruments", instruments.revision(), false) + ", " +
                      origin_of("holidays", holidays.revision, false) + ", " +
                      origin_of("rule packs", packs.revision(), false);
        return MarketTables{std::move(instruments), holidays, packs, std::move(origin)};
    }
    BULLPEN_TRY(const auto at, Home::at(home));
    if (!there(at.root()))
        return fail(Errc::not_found, "there is no home " + at.root());
    BULLPEN_TRY(auto instruments, tables::load_instruments(at));
    BULLPEN_TRY(auto holidays, tables::load_holidays(at));
    BULLPEN_TRY(auto packs, risk::load_rule_packs(at));
    auto origin =
        origin_of("instruments", instruments.revision(), there(tables::instruments_path(at))) +
        ", " + origin_of("holidays", holidays.revision, there(tables::holidays_path(at))) + ", " +
        origin_of("rule packs", packs.revision(), there(risk::rule_packs_path(at)));
    return MarketTables{std::move(instruments), std::move(holidays), std::move(packs),
                        std::move(origin)};
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
