#pragma once
#include "persistence/core/pg_value.h"
#include "plugins/schedules/schedule_store.h"

namespace carillon::pg {

/// How many columns the schedule itself takes in a row; what a statement adds comes after them.
inline constexpr int kScheduleColumns = 24;
/// The schedule in the first columns of a row, in the order of schedule_sql.h.
schedules::Schedule schedule_of_row(const pqxx::row& row);

/// The stored statuses that a filter means, as an array: none for any.
std::string statuses_of(const schedules::ScheduleFilter& filter);

}  // namespace carillon::pg
