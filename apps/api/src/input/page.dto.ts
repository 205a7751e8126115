import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';

/** Which part of a list. */
export class PageQuery {
  /** At most so many. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number = 25;

  /** `nextCursor` of the page before; only for the same list of the same workspace. */
  @IsOptional()
  @IsString()
  @Length(1, 512)
  cursor?: string;
}
